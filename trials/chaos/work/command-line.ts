import { Command, InvalidArgumentError } from 'commander';
import { type ProgramOptions } from '../as-program.js';
import { count } from '../reading.js';

export interface WorkOptions extends ProgramOptions {
  /** Pieces of work, over all requests. */
  readonly units: number;
  readonly agents: number;
  readonly coordinators: number;
  /** Requests under way at once. */
  readonly parallel: number;
  /** Of the agents, killed while they work. */
  readonly killShare: number;
  /** Whether Redis is killed as well, and started again. */
  readonly redis: boolean;
  /** Round-robin numbers that two processes take beforehand. */
  readonly numbers: number;
  readonly seed: number;
}

type RawOptions = Omit<WorkOptions, 'killShare' | 'report'> & {
  readonly kill: number;
  readonly report?: string;
};

const unitsMax = 1_000_000;
const numbersMax = 10_000_000;
const seedMax = 2 ** 32 - 1;

const examples = `
Coordinators and agents are processes of their own. Units of work, each with a payload of its own, are shared out by every
algorithm in turn, many requests at once; an agent writes down each unit before it works on it. Some agents are killed
(SIGKILL) while they work, one after the other, and none comes back; with --redis Redis is killed as well, and started
again once every coordinator has said that it numbers by itself. Requests carry no id: one with an id needs Redis.

Exit code 0 when every unit was accounted for exactly once, none ran more often than its result says, what is in flight was
back at 0 within 5 s at every coordinator, no round-robin number was given to two processes, and coordinators shared
numbers again after the outage; 1 when not, or when nobody was killed in flight; 130 when interrupted.

Examples:
  nexus chaos work
  nexus chaos work --redis
  nexus chaos work --redis --units 2000 --agents 8 --kill 0.5 --seed 7 --json`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): WorkOptions {
  const command = new Command('nexus chaos work')
    .description('Kills agents that have work in flight, and counts what became of each piece.')
    .option('--units <n>', 'pieces of work, over all requests', count(100, unitsMax), 10_000)
    .option('--agents <n>', 'agents, each a process', count(2, 500), 20)
    .option('--coordinators <n>', 'coordinators, each a process', count(1, 16), 2)
    .option('--parallel <n>', 'requests under way at once', count(1, 4_096), 32)
    .option('--kill <share>', 'of the agents, killed while they work', readShare, 0.3)
    .option('--redis', 'also kill Redis, and start it again', false)
    .option('--numbers <n>', 'round-robin numbers that two processes take', count(100, numbersMax), 100_000)
    .option('--seed <n>', 'chooses victims and moments; the same seed chooses the same', count(0, seedMax), 1)
    .option('--json', 'print the report as JSON; progress is on standard error', false)
    .option('--report <file>', 'also write the report as JSON to this file')
    .option('--keep', 'keep logs and data of the processes', false)
    .addHelpText('after', examples)
    .parse([...argv]);
  const { kill, report = null, ...options } = command.opts<RawOptions>();
  return { ...options, killShare: kill, report };
}

function readShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share < 1) return share;
  throw new InvalidArgumentError('must be a share above 0 and below 1.');
}
