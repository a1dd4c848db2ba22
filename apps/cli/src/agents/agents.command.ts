import { type AgentView, NexusError } from '@nexus/contracts';
import { type AgentQuery } from '@nexus/sdk';
import { Command, Option } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readCount } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { renderAgent, renderAgents } from './render-agents.js';

interface ListOptions extends ServerOptions {
  readonly json: boolean;
  readonly group?: string;
  readonly capability?: string;
  readonly node?: string;
  readonly limit?: number;
  readonly all: boolean;
}

const limitDefault = 100;
const limitMax = 1_000_000;
const pageSizeMax = 1_000;

const listExamples = `
Examples:
  nexus agents --group workers
  nexus agents list --capability hash --node rack-1 --all --json`;

const getExamples = `
Example:
  nexus agents get agent-01`;

/** `nexus agents` */
export function agentsCommand(session: Session): Command {
  const list = listCommand(session);
  return (
    new Command('agents')
      .description('show the agents of the fleet')
      .addCommand(list, { isDefault: true })
      .addCommand(getCommand(session))
      // What the default command takes stands here too.
      .configureHelp({
        visibleOptions: () => list.createHelp().visibleOptions(list),
        subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
      })
      .addHelpText('after', `${listExamples}\n  nexus agents get agent-01`)
  );
}

const listCommand = (session: Session): Command =>
  addLinkOptions(new Command('list'))
    .description('list agents with their load and health (the default)')
    .argument('[verb]')
    .usage('[options]')
    .option('--group <group>', 'only those of this group')
    .option('--capability <capability>', 'only those with this capability')
    .option('--node <node>', 'only those on this machine')
    .option('--limit <n>', `show at most so many (default: ${limitDefault})`, readCount(1, limitMax))
    .addOption(new Option('--all', 'show every one').default(false).conflicts('limit'))
    .addHelpText('after', listExamples)
    .action((verb: string | undefined, options: ListOptions) => {
      // As the default command it is also given what was meant as another one.
      if (verb !== undefined) throw unknownVerb(verb);
      return list(session, options);
    });

const getCommand = (session: Session): Command =>
  addLinkOptions(new Command('get'))
    .description('show all that is known of one agent')
    .argument('<id>', 'the agent')
    .addHelpText('after', getExamples)
    .action((id: string, options: ListOptions) =>
      withLink(session, options, async (link) => {
        const agent = await (await clientOn(link)).agents.get(id);
        if (options.json) session.output.json(agent);
        else session.output.print(renderAgent(agent, Date.now(), session.output.paint));
      }),
    );

async function list(session: Session, options: ListOptions): Promise<void> {
  const { output } = session;
  const max = options.all ? Number.POSITIVE_INFINITY : (options.limit ?? limitDefault);
  const { agents, more } = await withLink(session, options, async (link) =>
    takeUpTo(max, (await clientOn(link)).agents.list(queryOf(options, max))),
  );
  if (options.json) {
    output.json({ agents, more });
    return;
  }
  if (agents.length === 0) output.note('no agent matches');
  else output.print(renderAgents(agents, Date.now(), output.paint));
  if (more) output.note('there are more: --all shows every one');
}

function queryOf({ group, capability, node }: ListOptions, max: number): AgentQuery {
  return {
    ...(group !== undefined && { group }),
    ...(capability !== undefined && { capability }),
    ...(node !== undefined && { node }),
    // One more tells whether there are more.
    pageSize: Math.min(pageSizeMax, max + 1),
  };
}

async function takeUpTo(max: number, views: AsyncIterable<AgentView>) {
  const agents: AgentView[] = [];
  for await (const view of views) {
    if (agents.length >= max) return { agents, more: true };
    agents.push(view);
  }
  return { agents, more: false };
}

const unknownVerb = (verb: string) =>
  new NexusError('invalid_argument', `unknown command '${verb}': agents knows list and get <id>`);
