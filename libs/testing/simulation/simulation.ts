import { Coverage } from './coverage.js';
import { type Step } from './fault.js';
import { shrink } from './shrink.js';
import { type Timeline } from './timeline.js';
import { type Trace } from './trace.js';
import { Violation } from './violation.js';

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

/** A step of a seed's schedule, for people. */
export interface PlannedStep {
  readonly number: number;
  readonly text: string;
}

export interface RunOptions {
  /** Numbers of the steps to carry out; all when unset. */
  readonly steps?: readonly number[];
  readonly keepsLines?: boolean;
}

/** What is simulated: worlds that seeds decide, over cores that were handed in. */
export interface Simulation {
  run(seed: number, options?: RunOptions): SimulationResult;
  /** The schedule of a seed. */
  plan(seed: number): readonly PlannedStep[];
}

/** What a simulation is made of. */
export interface SimulationParts<F, S extends { readonly steps: readonly Step<F>[] }, W> {
  /** All that a seed decides beforehand. */
  readonly scenarioOf: (seed: number) => S;
  /** One line, for people. */
  readonly describeStep: (step: Step<F>) => string;
  readonly worldOf: (scenario: S, keepsLines: boolean) => W;
  /** From start to end; throws when a promise is broken. */
  readonly live: (world: W) => void;
}

/** What every world has. */
interface Stage {
  readonly timeline: Timeline;
  readonly coverage: Coverage;
  readonly trace: Trace;
}

/** The simulation of such worlds. */
export function simulationOf<
  F,
  S extends { readonly steps: readonly Step<F>[] },
  W extends { readonly context: Stage },
>({ scenarioOf, describeStep, worldOf, live }: SimulationParts<F, S, W>): Simulation {
  return {
    run: (seed, { steps, keepsLines = false } = {}) => {
      const scenario = scenarioOf(seed);
      const chosen = steps ? scenario.steps.filter(({ number }) => steps.includes(number)) : scenario.steps;
      const world = worldOf({ ...scenario, steps: chosen }, keepsLines);
      return play(seed, world.context, () => live(world));
    },
    plan: (seed) => scenarioOf(seed).steps.map((step) => ({ number: step.number, text: describeStep(step) })),
  };
}

/** Plays a world from start to end, or to the first promise that it breaks. */
function play(seed: number, { timeline, coverage, trace }: Stage, live: () => void): SimulationResult {
  let violation: SimulationResult['violation'] = null;
  try {
    live();
  } catch (error) {
    violation = { ...asViolation(error), atMs: timeline.nowMs };
    trace.line(timeline.nowMs, () => `── violated: ${violation!.invariant}: ${violation!.detail}`);
  }
  return {
    seed,
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
export function shrinkSeed(simulation: Simulation, seed: number, runsMax = 200): PlannedStep[] {
  const broken = simulation.run(seed).violation?.invariant;
  if (broken === undefined) return [];
  const fails = (steps: readonly PlannedStep[]) =>
    simulation.run(seed, { steps: steps.map(({ number }) => number) }).violation?.invariant === broken;
  return shrink(simulation.plan(seed), fails, runsMax);
}

/** What many runs exercised. */
export function totalCoverage(results: readonly Pick<SimulationResult, 'coverage'>[]): Coverage {
  const total = new Coverage();
  for (const { coverage } of results) total.add(coverage);
  return total;
}
