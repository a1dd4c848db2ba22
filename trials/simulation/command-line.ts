import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';

export interface SimulationOptions {
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

Each seed decides a group, its network, its disks, its load and a schedule of faults; every promise of Raft and of
the state machine is checked after every event. A violation ends with exit code 1, the seed and the fewest steps of
its schedule that still break the promise.`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): SimulationOptions {
  return new Command('npm run sim --')
    .description('Simulates Raft groups under faults, from seeds.')
    .option('--seeds <count>', 'how many seeds', positive, 200)
    .option('--from <seed>', 'the first of them', count, 1)
    .option('--seed <seed>', 'this one alone, with its schedule', count)
    .option('--steps <numbers>', 'with --seed: only these steps, as 3,5,8', numbers)
    .option('--trace', 'with --seed: print every event', false)
    .option('--json', 'print one JSON object', false)
    .option('--workers <count>', 'threads', positive, Math.min(8, availableParallelism()))
    .addHelpText('after', examples)
    .allowExcessArguments(false)
    .parse([...argv])
    .opts<SimulationOptions>();
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
