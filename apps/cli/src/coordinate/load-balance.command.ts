import { type AlgorithmName, algorithmSchema, NexusError } from '@nexus/contracts';
import { Command, Option } from 'commander';
import { collect } from '../reading/numbers.js';
import { readSource } from '../reading/text-source.js';
import { type Session } from '../session/session.js';
import { conduct } from './conduct.js';
import { addGoalOptions, goalBaseOf, type GoalOptions } from './goal-options.js';
import { readUnit, readUnits } from './work-units.js';

interface LoadBalanceOptions extends GoalOptions {
  readonly request: readonly string[];
  readonly requests?: string;
  readonly assignOnly: boolean;
  readonly algorithm?: AlgorithmName;
}

const examples = `
Examples:
  nexus coordinate load-balance --capability hash --request a='{"path":"README.md"}' --request b='{"path":"LICENSE"}'
  echo '{"id":"a","payload":{"path":"README.md"}}' | nexus coordinate load-balance --all --requests - --timeout 1m`;

/** `nexus coordinate load-balance` */
export const loadBalanceCommand = (session: Session): Command =>
  addGoalOptions(
    new Command('load-balance')
      .alias('load_balance')
      .description('share work out among them')
      .option('--request <id=json>', 'one unit of work; repeat it', collect, [])
      .option(
        '--requests <source>',
        'units of work from @file or - (a JSON array, or one JSON object a line)',
      )
      .option('--assign-only', 'say who would do what, and send nothing', false)
      .addOption(new Option('--algorithm <name>', 'how agents are picked').choices(algorithmSchema.options)),
  )
    .addHelpText('after', examples)
    .action(async (options: LoadBalanceOptions) => {
      const { algorithm, assignOnly } = options;
      const requests = await unitsOf(options, session.input);
      const base = await goalBaseOf(options, session.input);
      await conduct(session, options, {
        type: 'load_balance',
        ...base,
        requests,
        dispatch: !assignOnly,
        ...(algorithm !== undefined && { algorithm }),
      });
    });

async function unitsOf({ request, requests, payload }: LoadBalanceOptions, stdin: NodeJS.ReadableStream) {
  if (requests === '-' && payload === '-') {
    throw new NexusError('invalid_argument', 'standard input can be read once: --requests - or --payload -');
  }
  const units = [
    ...request.map(readUnit),
    ...(requests === undefined ? [] : readUnits(await readSource(requests, stdin))),
  ];
  if (units.length > 0) return units;
  throw new NexusError(
    'invalid_argument',
    'name the work: --request id=<json>, --requests @file or --requests -',
  );
}
