import { Command } from 'commander';
import { type Session } from '../session/session.js';
import { conduct } from './conduct.js';
import { addGoalOptions, goalBaseOf, type GoalOptions } from './goal-options.js';

interface BroadcastOptions extends GoalOptions {
  readonly acknowledged: boolean;
}

const example = `
Example:
  nexus coordinate broadcast --group workers --payload '{"job":"reindex"}' --acknowledged --timeout 2s`;

/** `nexus coordinate broadcast` */
export const broadcastCommand = (session: Session): Command =>
  addGoalOptions(
    new Command('broadcast')
      .description('tell all of them')
      .option('--acknowledged', 'wait until each has said that it got the message', false),
  )
    .addHelpText('after', example)
    .action(async (options: BroadcastOptions) => {
      const base = await goalBaseOf(options, session.input);
      const delivery = options.acknowledged ? 'acknowledged' : 'at_most_once';
      await conduct(session, options, { type: 'broadcast', ...base, delivery });
    });
