import { type AggregateName, aggregateSchema, limits } from '@nexus/contracts';
import { Command, Option } from 'commander';
import { readCount } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { conduct } from './conduct.js';
import { addGoalOptions, goalBaseOf, type GoalOptions } from './goal-options.js';
import { emptyAggregateNote } from './render-aggregate.js';

interface GatherOptions extends GoalOptions {
  readonly aggregate?: AggregateName;
  readonly field?: string;
  readonly minResponses?: number;
}

const example = `
Examples:
  nexus coordinate gather --group workers --aggregate mean --field /cpu
  echo '{"ask":"load"}' | nexus coordinate gather --all --payload - --json`;

/** `nexus coordinate gather` */
export const gatherCommand = (session: Session): Command =>
  addGoalOptions(
    new Command('gather')
      .description('ask all of them')
      .addOption(
        new Option('--aggregate <how>', 'how answers become one value').choices(aggregateSchema.options),
      )
      .option('--field <pointer>', 'JSON Pointer into each answer: what to aggregate, as /cpu')
      .option('--min-responses <n>', 'with fewer answers it has failed', readCount(1, limits.agentIdsMax)),
  )
    .addHelpText('after', example)
    .action(async (options: GatherOptions) => {
      const { aggregate, field, minResponses } = options;
      const base = await goalBaseOf(options, session.input);
      const reply = await conduct(session, options, {
        type: 'gather',
        ...base,
        ...(aggregate !== undefined && { aggregate }),
        ...(field !== undefined && { field }),
        ...(minResponses !== undefined && { minResponses }),
      });
      const note = emptyAggregateNote(reply, field);
      if (note !== undefined && !options.json) session.output.note(note);
    });
