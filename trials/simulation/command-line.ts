import { availableParallelism } from 'node:os';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { type SubjectName, subjectNames } from './subjects.js';

export interface SimulationOptions {
  readonly subject: SubjectName;
  readonly seeds: number;
  readonly from: number;
  /** One seed alone. */
  readonly seed?: number;
  /** Of that seed's schedule, these steps only. */
  readonly steps?: readonly number[];
  readonly trace: boolean;
  readonly json: boolean;
  readonly workers: number;
}

const examples = `
Examples:
  npm run sim -- --seeds 10000              ten thousand worlds; a few minutes on two cores
  npm run sim -- --seed 42 --trace          one of them, event by event
  npm run sim -- --seed 42 --steps 3,5      with these steps of its schedule alone
  npm run -s sim -- --seeds 500 --json      for programs; progress is on standard error
  npm run sim -- gossip --seeds 2000        members that gossip, come, go, lie and forget
  npm run sim -- causality --seeds 2000     broadcasts that arrive in any order, or never
  npm run sim -- figures --help             how fast gossip spreads, and what it costs

Each seed decides a group, its network, its load and a schedule of faults (and disks, for Raft); every promise of the
subject is checked after every event. A violation ends with exit code 1, the seed and the fewest steps of
its schedule that still break the promise.`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): SimulationOptions {
  const command = new Command('npm run sim --')
    .description('Simulates groups under faults, from seeds.')
    .addArgument(new Argument('[subject]', 'what is simulated').choices(subjectNames).default('raft'))
    .option('--seeds <count>', 'how many seeds', positive, 200)
    .option('--from <seed>', 'the first of them', count, 1)
    .option('--seed <seed>', 'this one alone, with its schedule', count)
    .option('--steps <numbers>', 'with --seed: only these steps, as 3,5,8', numbers)
    .option('--trace', 'with --seed: print every event', false)
    .option('--json', 'print one JSON object', false)
    .option('--workers <count>', 'threads', positive, Math.min(8, availableParallelism()))
    .addHelpText('after', examples)
    .allowExcessArguments(false)
    .parse([...argv]);
  const [subject] = command.processedArgs as [SubjectName];
  return { ...command.opts<Omit<SimulationOptions, 'subject'>>(), subject };
}

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('must be an integer');
  return value;
}

export function positive(text: string): number {
  const value = count(text);
  if (value === 0) throw new InvalidArgumentError('must be at least 1');
  return value;
}

function numbers(text: string): number[] {
  return text === '' ? [] : text.split(',').map(count);
}
