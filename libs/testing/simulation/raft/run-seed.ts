import { Coverage } from '../coverage.js';
import { type Step } from '../fault.js';
import { shrink } from '../shrink.js';
import { Violation } from '../violation.js';
import { type Cores } from './cores.js';
import { Load } from './load.js';
import { type RaftFault } from './plan.js';
import { Recovery } from './recovery.js';
import { type Scenario, scenarioOf } from './scenario.js';
import { World } from './world.js';

const settleMs = 5;

/** The promise that is broken when the code under test throws: no invariant of the simulation saw it. */
export const assertionFailed = 'no assertion of the code fails';

export interface SimulationResult {
  readonly seed: number;
  /** Of all that happened: the same seed and code give the same. */
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly coverage: Readonly<Record<string, number>>;
  /** Null when every invariant held. */
  readonly violation: { readonly invariant: string; readonly detail: string; readonly atMs: number } | null;
  /** What was done in the run, in order; only when asked for. */
  readonly lines: readonly string[];
}

interface RunOptions {
  readonly cores: Cores;
  /** Numbers of the steps to carry out; all when unset. */
  readonly steps?: readonly number[];
  readonly keepsLines?: boolean;
}

/** Runs one simulated group from start to end: with faults, then healed. */
export function runSeed(seed: number, options: RunOptions): SimulationResult {
  const scenario = scenarioOf(seed);
  const { steps } = options;
  const chosen = steps ? scenario.steps.filter(({ number }) => steps.includes(number)) : scenario.steps;
  return run({ ...scenario, steps: chosen }, options);
}

function run(scenario: Scenario, { cores, keepsLines = false }: RunOptions): SimulationResult {
  const world = new World({ scenario, cores, keepsLines });
  const { timeline, coverage, trace, invariants } = world.context;
  let violation: SimulationResult['violation'] = null;
  try {
    const load = new Load(world);
    timeline.run(scenario.safetyMs);
    load.stop();
    world.heal();
    // What has arrived is taken in by whoever was paused, before it is judged who can make a quorum.
    world.isolate(new Set());
    timeline.run(scenario.safetyMs + settleMs);
    new Recovery(world).run();
  } catch (error) {
    violation = { ...asViolation(error), atMs: timeline.nowMs };
    trace.line(timeline.nowMs, () => `── violated: ${violation!.invariant}: ${violation!.detail}`);
  }
  coverage.count('raft: terms led', invariants.leaders.elected);
  coverage.count('raft: entries committed', invariants.commits.lastIndex);
  return {
    seed: scenario.seed,
    hash: trace.hash,
    events: timeline.happened,
    virtualMs: timeline.nowMs,
    coverage: coverage.toObject(),
    violation,
    lines: trace.lines,
  };
}

/** What the code under test throws is a promise broken too: its assertions are. */
function asViolation(error: unknown): { invariant: string; detail: string } {
  if (error instanceof Violation) return { invariant: error.invariant, detail: error.detail };
  if (!(error instanceof Error)) throw error;
  const at =
    error.stack
      ?.split('\n')
      .slice(1, 4)
      .map((line) => line.trim())
      .join(' < ') ?? '';
  return { invariant: assertionFailed, detail: `${error.message} (${at})` };
}

/** The fewest steps of a failing seed's schedule found that break the same invariant. */
export function shrinkSeed(seed: number, cores: Cores, runsMax = 200): Step<RaftFault>[] {
  const broken = runSeed(seed, { cores }).violation?.invariant;
  if (broken === undefined) return [];
  const fails = (steps: readonly Step<RaftFault>[]) =>
    runSeed(seed, { cores, steps: steps.map(({ number }) => number) }).violation?.invariant === broken;
  return shrink(scenarioOf(seed).steps, fails, runsMax);
}

/** What many runs exercised. */
export function totalCoverage(results: readonly Pick<SimulationResult, 'coverage'>[]): Coverage {
  const total = new Coverage();
  for (const { coverage } of results) total.add(coverage);
  return total;
}
