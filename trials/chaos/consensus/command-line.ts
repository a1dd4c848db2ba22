import { Command, InvalidArgumentError, Option } from 'commander';
import { type ProgramOptions } from '../as-program.js';
import { count, readDurationMs } from '../reading.js';
import { type FaultName, faultNames } from './faults/fault.js';
import { type LoadName, loadNames } from './load/load-name.js';

export const scenarioNames = ['paused-leader', 'paused-holder'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface ChaosOptions extends ProgramOptions {
  readonly rounds: number;
  readonly replicas: number;
  readonly seed: number;
  /** None: nothing is broken for `durationMs`. */
  readonly faults: readonly FaultName[];
  readonly durationMs: number;
  readonly load: LoadName;
  readonly clients: number;
  readonly scenario: ScenarioName | null;
}

interface RawOptions extends Omit<ChaosOptions, 'durationMs' | 'scenario' | 'report' | 'replicas'> {
  readonly replicas: string;
  readonly scenario?: ScenarioName;
  readonly report?: string;
}

const roundsMax = 100_000;
const clientsMax = 1_000;
const seedMax = 2 ** 32 - 1;

const examples = `
Faults: kill (SIGKILL), pause (SIGSTOP for several election time-outs), partition (messages between replicas are cut,
in one direction or both), restart (SIGTERM, and a new start). Each hits the leader most of the time.

Scenarios: paused-leader asks a leader that was stopped, while it is and when it wakes, for reads and proposals;
paused-holder stops the holder of a lease until another one has it, and lets it write with its old token.

Exit code 0 when no acknowledged decision was lost, every history is linearizable, and logs and states of all replicas
agree; 1 when not, when there was nothing to judge, when a replica did not come back, or when a leader was elected though
nothing was broken (--faults none); 130 when interrupted. How long failovers took is printed beside the goal and is no
part of it.

Examples:
  nexus chaos consensus --rounds 10
  nexus chaos consensus --rounds 100 --replicas 5 --seed 7 --report chaos.json
  nexus chaos consensus --rounds 20 --faults pause,partition
  nexus chaos consensus --rounds 100 --faults kill                 measures failovers
  nexus chaos consensus --faults none --duration 10m --load none   counts false elections
  nexus chaos consensus --faults none --duration 10m --load full
  nexus chaos consensus --scenario paused-leader --rounds 10`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): ChaosOptions {
  const command = new Command('nexus chaos consensus')
    .description('Breaks a decision log of real processes under load, then judges what it did.')
    .option('--rounds <n>', 'faults, one after another', count(1, roundsMax), 10)
    .addOption(new Option('--replicas <n>', 'replicas, each a process').choices(['3', '5']).default('3'))
    .option('--seed <n>', 'chooses the faults; the same seed chooses the same', count(0, seedMax), 1)
    .option('--faults <list>', `of ${faultNames.join(',')}, or none`, readFaults, [...faultNames])
    .option('--duration <time>', 'with --faults none: how long, as 30s or 10m', readDurationMs, 60_000)
    .addOption(
      new Option('--load <kind>', 'full only with --faults none').choices(loadNames).default('paced'),
    )
    .option('--clients <n>', 'clients of the paced load', count(1, clientsMax), 8)
    .addOption(new Option('--scenario <name>', 'plays this instead, --rounds times').choices(scenarioNames))
    .option('--json', 'print the report as JSON; progress is on standard error', false)
    .option('--report <file>', 'also write the report as JSON to this file')
    .option('--keep', 'keep logs and data of the replicas', false)
    .addHelpText('after', examples)
    .parse([...argv]);
  const { replicas, scenario = null, report = null, ...options } = command.opts<RawOptions>();
  const durationMs = command.getOptionValue('duration') as number;
  if (options.load !== 'paced' && options.faults.length > 0 && scenario === null)
    command.error(
      `error: --load ${options.load} needs --faults none: what nobody writes down cannot be judged`,
    );
  return { ...options, durationMs, replicas: Number(replicas), scenario, report };
}

function readFaults(text: string): FaultName[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const fault = faultNames.find((known) => known === name.trim());
    if (fault === undefined) throw new InvalidArgumentError(`must be of ${faultNames.join(', ')}, or none.`);
    return fault;
  });
}
