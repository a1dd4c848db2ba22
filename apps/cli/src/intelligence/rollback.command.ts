import { type RollbackReply } from '@nexus/contracts';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readCount } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { type GoalTypeName, goalTypeArgument } from './goal-type.js';

interface RollbackOptions extends ServerOptions {
  readonly json: boolean;
  readonly to?: number;
}

const examples = `
Examples:
  nexus models rollback gather
  nexus models rollback gather --to 1`;

/** `nexus models rollback` */
export const rollbackCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('rollback')
      .description('use an earlier version of a model from now on')
      .addArgument(goalTypeArgument())
      .option(
        '--to <version>',
        'the version to use (default: the one before the one in use, or none)',
        readCount(1, Number.MAX_SAFE_INTEGER),
      ),
  )
    .addHelpText('after', examples)
    .action((type: GoalTypeName, { to, ...options }: RollbackOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const request = { type, ...(to !== undefined && { version: to }) };
        const reply = await new IntelligenceDoor(link).rollback(request);
        if (options.json) output.json(reply);
        else output.print(rollbackText(reply));
      }),
    );

/** @internal exported for its spec */
export function rollbackText({ type, from, to }: RollbackReply): string {
  if (to === null && from === null) return `${type}: no model was in use, the layer below serves`;
  if (to === null) return `${type}: no model is in use any more, the layer below serves`;
  if (to === from) return `${type}: version ${to} is in use already`;
  return `${type}: version ${to} is in use${from === null ? '' : `, no longer ${from}`}`;
}
