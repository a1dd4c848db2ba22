/*
 * A type of goal is anomalous when its coordinations take much longer than was predicted of them, or come to much less, than
 * is usual. Then something simpler serves it for a while: whatever is wrong, that has less to go wrong with.
 */
import { type GoalType } from '@nexus/contracts';
import { medianOf } from '@nexus/core/learning';
import { robustSpread } from './deviation.js';
import { type Held, type HoldingChange, nextHolding, type Verdict } from './holding.js';

/** A coordination, and what was predicted of it. */
export interface GoalSample {
  readonly type: GoalType;
  /** What it took, as log(1 + milliseconds), less what was predicted of it. */
  readonly residualLog: number;
  readonly durationMs: number;
  readonly success: number;
  readonly atMs: number;
}

/** What is usual for a type of goal. */
export interface UsualGoal {
  readonly residualLog: number;
  readonly durationMs: number;
  readonly success: number;
}

/** What the watch remembers, as JSON. */
export interface GoalWatchState {
  readonly usual: Readonly<Partial<Record<GoalType, UsualGoal>>>;
  readonly held: Readonly<Partial<Record<GoalType, Held>>>;
  /** Nothing is held against these until then, in milliseconds since 1970. */
  readonly quiet: Readonly<Partial<Record<GoalType, number>>>;
}

export const blankGoalWatch: GoalWatchState = { usual: {}, held: {}, quiet: {} };

export interface GoalWatchOptions {
  readonly nowMs: number;
  readonly windowMs: number;
  readonly samplesMin: number;
  /** Standard errors of what is recent, beyond which it is anomalous. */
  readonly deviations: number;
  readonly holdMs: number;
}

export interface GoalFinding {
  readonly type: GoalType;
  readonly change: HoldingChange;
  readonly held: Held | undefined;
  readonly evidence: {
    readonly measure: 'duration' | 'success';
    readonly samples: number;
    readonly observed: number;
    readonly usual: number;
    readonly deviations: number;
  };
}

const usualWeight = 0.1;
/** Twice as long as usual, or this much less success, is the least that counts. */
const longerLog = Math.LN2;
const successLess = 0.2;
const sigmaLogMin = 0.1;
const sigmaShareMin = 0.05;

/** Looks at the recent coordinations of each of the types. */
export function watchGoals(
  state: GoalWatchState,
  types: readonly GoalType[],
  samples: readonly GoalSample[],
  options: GoalWatchOptions,
): { readonly state: GoalWatchState; readonly findings: readonly GoalFinding[] } {
  const usual: [GoalType, UsualGoal][] = [];
  const held: [GoalType, Held][] = [];
  const quiet: [GoalType, number][] = [];
  const findings: GoalFinding[] = [];
  for (const type of types) {
    const next = watchGoal({ type, ...ofType(state, type) }, samples, options);
    if (next.usual) usual.push([type, next.usual]);
    if (next.held) held.push([type, next.held]);
    if (next.quietUntilMs > options.nowMs) quiet.push([type, next.quietUntilMs]);
    if (next.finding) findings.push(next.finding);
  }
  const { fromEntries } = Object;
  return {
    state: { usual: fromEntries(usual), held: fromEntries(held), quiet: fromEntries(quiet) },
    findings,
  };
}

/** What is remembered of one type. */
interface Remembered {
  readonly usual: UsualGoal | undefined;
  readonly held: Held | undefined;
  readonly quietUntilMs: number;
}

const ofType = (state: GoalWatchState, type: GoalType): Remembered => ({
  usual: state.usual[type],
  held: state.held[type],
  quietUntilMs: state.quiet[type] ?? 0,
});

function watchGoal(
  { type, usual, held: before, quietUntilMs }: Remembered & { readonly type: GoalType },
  samples: readonly GoalSample[],
  options: GoalWatchOptions,
): Remembered & { readonly finding: GoalFinding | undefined } {
  const { nowMs } = options;
  const judged = judge(usual, recentOf(type, before, samples, options), options);
  const isSpared = quietUntilMs > nowMs;
  const verdict: Verdict = judged === undefined ? 'unknown' : isSpared ? 'usual' : judged.verdict;
  const { held, change } = nextHolding(before, verdict, nowMs, options);
  const isLearned = judged && (change === 'rebased' || (!held && judged.verdict !== 'anomalous'));
  return {
    usual: isLearned ? adapted(change === 'rebased' ? undefined : usual, judged.recent) : usual,
    ...{ held, quietUntilMs },
    finding: change && { type, change, held, evidence: judged?.evidence ?? nothingSeen },
  };
}

/** Nothing is held against a type of goal any more, and nothing will be for a while. */
export function dismissGoal(state: GoalWatchState, type: GoalType, quietUntilMs: number): GoalWatchState {
  const { [type]: _, ...held } = state.held;
  return { usual: state.usual, held, quiet: { ...state.quiet, [type]: quietUntilMs } };
}

const nothingSeen = { measure: 'duration', samples: 0, observed: 0, usual: 0, deviations: 0 } as const;

function recentOf(
  type: GoalType,
  held: Held | undefined,
  samples: readonly GoalSample[],
  { nowMs, windowMs }: GoalWatchOptions,
): GoalSample[] {
  const fromMs = Math.max(nowMs - windowMs, held?.sinceMs ?? 0);
  return samples.filter((sample) => sample.type === type && sample.atMs >= fromMs);
}

interface Judged {
  readonly recent: UsualGoal;
  readonly verdict: Verdict;
  readonly evidence: GoalFinding['evidence'];
}

function judge(
  usual: UsualGoal | undefined,
  samples: readonly GoalSample[],
  { samplesMin, deviations }: GoalWatchOptions,
): Judged | undefined {
  if (samples.length < samplesMin) return undefined;
  const residuals = robustSpread(
    samples.map(({ residualLog }) => residualLog),
    sigmaLogMin,
  );
  const successes = samples.map(({ success }) => success);
  const success = meanOf(successes);
  const recent: UsualGoal = {
    residualLog: residuals.median,
    durationMs: medianOf(samples.map(({ durationMs }) => durationMs)),
    success,
  };
  // What comes first is what is usual.
  const { residualLog, durationMs, success: successUsual } = usual ?? recent;
  const root = Math.sqrt(samples.length);
  const longerBy = ((residuals.median - residualLog) / residuals.sigma) * root;
  const spread = Math.max(sigmaShareMin, Math.sqrt(meanOf(successes.map((one) => (one - success) ** 2))));
  const lessBy = ((successUsual - success) / spread) * root;
  const isLong = longerBy > deviations && residuals.median - residualLog > longerLog;
  const isFailing = lessBy > deviations && successUsual - success > successLess;
  const isMeasured = { samples: samples.length };
  return {
    recent,
    verdict: isLong || isFailing ? 'anomalous' : 'usual',
    evidence:
      isFailing && (!isLong || lessBy > longerBy)
        ? { ...isMeasured, measure: 'success', observed: success, usual: successUsual, deviations: lessBy }
        : {
            ...{ ...isMeasured, measure: 'duration', observed: recent.durationMs },
            ...{ usual: durationMs, deviations: longerBy },
          },
  };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function adapted(before: UsualGoal | undefined, recent: UsualGoal): UsualGoal {
  if (!before) return recent;
  const towards = (old: number, now: number) => old + usualWeight * (now - old);
  return {
    residualLog: towards(before.residualLog, recent.residualLog),
    durationMs: towards(before.durationMs, recent.durationMs),
    success: towards(before.success, recent.success),
  };
}
