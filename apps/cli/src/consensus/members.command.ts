import { type ConsensusStatus } from '@nexus/contracts';
import { type MembersReply, type NexusClient } from '@nexus/sdk';
import { type Colours, renderTable } from '@nexus/platform/terminal';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readToken } from '../reading/token.js';
import { type Session } from '../session/session.js';
import { standingOf } from './render-status.js';

interface MembersOptions extends ServerOptions {
  readonly json: boolean;
}

const examples = `
Examples:
  nexus consensus members list
  nexus consensus members add consensus-4
  nexus consensus members remove consensus-4`;

/** `nexus consensus members` */
export const membersCommand = (session: Session): Command =>
  new Command('members')
    .description('who votes, and who asks to')
    .addCommand(listCommand(session), { isDefault: true })
    .addCommand(
      changeCommand(session, 'add', {
        does: 'let a replica in that asks to join: it learns the log, then votes',
        change: (client, replicaId) => client.addMember(replicaId),
      }),
    )
    .addCommand(
      changeCommand(session, 'remove', {
        does: 'take a replica out of the group',
        change: (client, replicaId) => client.removeMember(replicaId),
      }),
    )
    .addHelpText('after', examples);

const listCommand = (session: Session): Command =>
  addLinkOptions(new Command('list'))
    .description('list them (the default)')
    .addHelpText('after', '\nExample:\n  nexus consensus members list --json')
    .action((options: MembersOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const members = membersOf(await (await clientOn(link)).consensusStatus());
        if (options.json) output.json({ members });
        else output.print(renderMembers(members, output.paint));
      }),
    );

interface Change {
  /** What it does, for help. */
  readonly does: string;
  readonly change: (client: NexusClient, replicaId: string) => Promise<MembersReply>;
}

const changeCommand = (session: Session, verb: string, { does, change }: Change): Command =>
  addLinkOptions(new Command(verb))
    .description(does)
    .argument('<replica>', 'its id', readToken)
    .addHelpText('after', `\nExample:\n  nexus consensus members ${verb} consensus-4`)
    .action((replicaId: string, options: MembersOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const reply = await change(await clientOn(link), replicaId);
        if (options.json) {
          output.json(reply);
          return;
        }
        const { voters, learners } = reply.members;
        const learning = learners.length === 0 ? '' : `; learning: ${learners.join(', ')}`;
        output.print(`voters: ${voters.join(', ')}${learning} (index ${reply.index})`);
      }),
    );

/** One replica, and how it stands to the group. */
export interface Member {
  readonly replicaId: string;
  readonly standing: string;
  /** Null when it does not answer. */
  readonly role: string | null;
}

/** @internal exported for its spec */
export function membersOf(status: ConsensusStatus): Member[] {
  const answering = status.replicas.map(({ replicaId, role }) => ({
    ...{ replicaId, role, standing: standingOf(replicaId, status) },
  }));
  const silent = status.silent.map((replicaId) => ({
    ...{ replicaId, role: null, standing: standingOf(replicaId, status) },
  }));
  return [...answering, ...silent].sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
}

const renderMembers = (members: readonly Member[], colours: Colours): string =>
  renderTable({
    head: ['REPLICA', 'MEMBER', 'ROLE'],
    rows: members.map(({ replicaId, standing, role }) => [
      replicaId,
      standing,
      role ?? { text: 'silent', tone: 'bad' },
    ]),
    colours,
  });
