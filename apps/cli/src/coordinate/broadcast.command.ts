import { broadcastGoalSchema, type CoordinateRequestInput, type Frontiers } from '@nexus/contracts';
import { Command, Option } from 'commander';
import { readJson } from '../reading/json.js';
import { readSource } from '../reading/text-source.js';
import { readToken } from '../reading/token.js';
import { type Session } from '../session/session.js';
import { conduct } from './conduct.js';
import { addGoalOptions, goalBaseOf, type GoalOptions } from './goal-options.js';

interface BroadcastOptions extends GoalOptions {
  readonly acknowledged: boolean;
  readonly ordering?: BroadcastGoal['ordering'];
  readonly key?: string;
  readonly coordinator?: string;
  readonly after?: string;
}

type BroadcastGoal = Extract<CoordinateRequestInput['goal'], { type: 'broadcast' }>;

const example = `
With causal ordering agents get a broadcast after all that its sender had seen: what --after names, and more.

Examples:
  nexus coordinate broadcast --group workers --payload '{"job":"reindex"}' --acknowledged --timeout 2s
  nexus coordinate broadcast --group workers --payload 50 --ordering causal --key config.rate`;

/** `nexus coordinate broadcast` */
export const broadcastCommand = (session: Session): Command =>
  addGoalOptions(
    new Command('broadcast')
      .description('tell all of them')
      .option('--acknowledged', 'wait until each has said that it got the message', false)
      .addOption(
        new Option('--ordering <how>', 'in which order agents get broadcasts (default: none)').choices(
          broadcastGoalSchema.shape.ordering.unwrap().options,
        ),
      )
      .option('--key <key>', 'the shared key whose value this is; needs --ordering causal')
      .option('--coordinator <agent>', 'the agent that is to run it', readToken)
      .option('--after <json>', 'what it comes after: frontiers of an earlier result, JSON, @file or -'),
  )
    .addHelpText('after', example)
    .action(async (options: BroadcastOptions) => {
      const base = await goalBaseOf(options, session.input);
      const delivery = options.acknowledged ? 'acknowledged' : 'at_most_once';
      const order = await orderOf(options, session);
      await conduct(session, options, { type: 'broadcast', ...base, delivery, ...order });
    });

/** What the options say of the order; the schema of the request judges whether it is any. */
async function orderOf({ ordering, key, coordinator, after }: BroadcastOptions, { input }: Session) {
  return {
    ...(ordering && { ordering }),
    ...(key !== undefined && { key }),
    ...(coordinator !== undefined && { coordinator }),
    ...(after !== undefined && { after: readJson(await readSource(after, input), '--after') as Frontiers }),
  };
}
