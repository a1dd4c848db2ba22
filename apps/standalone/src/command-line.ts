import { Command, InvalidArgumentError, Option } from 'commander';

export interface StandaloneOptions {
  /** Start the sample fleet and run the four goal types on it. */
  readonly showcase: boolean;
  /** End after the showcase. */
  readonly once: boolean;
  /** The directory whose files are hashed; the tracked files of the checkout when unset. */
  readonly input?: string;
  /** Start the sample fleet. */
  readonly fleet: boolean;
  /** Agents of the sample fleet. */
  readonly agents: number;
  readonly dataDir?: string;
  /** Replicas of the decision log; as many as there are when unset. */
  readonly replicas?: number;
  /** Run each service as a process of its own. */
  readonly processes: boolean;
}

const agentsMax = 200;
/** An even number bears no more losses than the odd one below it. */
const replicaCounts = ['1', '3', '5'];

const examples = `
Examples:
  npm start                               the stack, a sample fleet, the showcase; then it stays up
  npm start -- --once                     the same, and end; exit code 0 when every part succeeded
  npm start -- --once --input ~/photos    hash another directory
  npm start -- --no-fleet                 the stack alone
  npm start -- --replicas 3               three replicas of the decision log
  npm start -- --processes                each service as a process of its own, as Compose runs them

Environment:
  NEXUS_NATS_URL, NEXUS_REDIS_URL         use these servers instead of starting some
  NEXUS_NATS_SERVER_BIN, NEXUS_REDIS_SERVER_BIN
                                          the programs to start, where they are not on the PATH
  NEXUS_DATA_DIR                          data, logs and pid files (default .nexus in the checkout)
  OTEL_EXPORTER_OTLP_ENDPOINT             send traces there, as http://127.0.0.1:4318`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): StandaloneOptions {
  return (
    new Command('npm start --')
      .description('Starts Nexus here, with NATS and Redis beside it, and shows what it does.')
      // Always there with `npm start`; `nexus up` has a help of its own and tells of it there.
      .addOption(new Option('--showcase').default(false).hideHelp())
      .option('--once', 'end after the showcase', false)
      .option('--input <dir>', 'hash the files of this directory in the showcase', directory)
      .addOption(new Option('--no-fleet', 'start no sample fleet, and so no showcase').conflicts('input'))
      .option('--agents <n>', 'agents of the sample fleet', agentCount, 12)
      .option(
        '--replicas <n>',
        'replicas of the decision log: 1, 3 or 5 (default: as many as it has)',
        replicaCount,
      )
      .option('--processes', 'run each service as a process of its own, with three replicas', false)
      .option('--data-dir <dir>', 'where data, logs and pid files lie', directory)
      .addHelpText('after', examples)
      .allowExcessArguments(false)
      .parse([...argv])
      .opts<StandaloneOptions>()
  );
}

/** An option in the place of the directory means that the directory was forgotten. */
function directory(text: string): string {
  if (!text.startsWith('--')) return text;
  throw new InvalidArgumentError(`A directory is wanted; one of this name is ./${text}`);
}

function agentCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 2 && count <= agentsMax) return count;
  throw new InvalidArgumentError(`2 to ${agentsMax}`);
}

function replicaCount(text: string): number {
  if (replicaCounts.includes(text)) return Number(text);
  throw new InvalidArgumentError(`Allowed choices are ${replicaCounts.join(', ')}.`);
}
