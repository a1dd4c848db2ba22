import { dismissRequestSchema, parse } from '@nexus/contracts';
import { formatDuration } from '@nexus/platform/terminal';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { type DurationMs, durationReader } from '../reading/duration.js';
import { readToken } from '../reading/token.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { type GoalTypeName, goalTypeOption } from './goal-type.js';

interface DismissOptions extends ServerOptions {
  readonly json: boolean;
  readonly agent?: string;
  readonly type?: GoalTypeName;
  readonly quiet?: DurationMs;
}

const quietMsMax = 86_400_000;

const examples = `
Examples:
  nexus anomalies dismiss --agent agent-07
  nexus anomalies dismiss --type gather --quiet 1h`;

/** `nexus anomalies dismiss` */
export const dismissCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('dismiss')
      .description('hold nothing against an agent or a type of goal any more')
      .option('--agent <id>', 'the agent', readToken)
      .addOption(goalTypeOption('the type of goal'))
      .option(
        '--quiet <time>',
        'for how long nothing new is held against it (default: 10m)',
        durationReader({ minMs: 0, maxMs: quietMsMax }),
      ),
  )
    .addHelpText('after', examples)
    .action(async ({ agent, type, quiet, ...options }: DismissOptions) => {
      const named = { ...(agent !== undefined && { agentId: agent }), ...(type && { type }) };
      const wanted = { ...named, ...(quiet !== undefined && { quietMs: quiet }) };
      const request = parse(dismissRequestSchema, wanted, 'what is dismissed');
      await withLink(session, options, async (link) => {
        const { output } = session;
        const reply = await new IntelligenceDoor(link).dismiss(request);
        if (options.json) {
          output.json(reply);
          return;
        }
        const name = agent ?? type ?? '';
        const held = reply.dismissed ? 'nothing is held against it any more' : 'nothing was held against it';
        output.print(`${name}: ${held}, nor will be for ${formatDuration(request.quietMs)}`);
      });
    });
