/*
 * A type of goal is anomalous when its coordinations take much longer than was predicted of them, or come to much less, than
 * is usual. Then something simpler serves it for a while: whatever is wrong, that has less to go wrong with.
 */
import { type GoalType, type LayerName } from '@nexus/contracts';
import { medianOf } from '@nexus/core/learning';
import { robustSpread } from './deviation.js';
import { type Held, type HoldingChange, nextHolding, type Verdict } from './holding.js';

/** A coordination, and what was predicted of it. */
export interface GoalSample {
  readonly type: GoalType;
  /** Who asked for it. */
  readonly user: string;
  /** What it took, as log(1 + milliseconds), less what was predicted of it. */
  readonly residualLog: number;
  /** What predicted: a version of the model, or `none`. Alike in all samples of a type in one look. */
  readonly against: string;
  readonly durationMs: number;
  readonly success: number;
  /** The layer that served it, and for how many agents. */
  readonly layer: LayerName;
  readonly agents: number;
  readonly atMs: number;
}

/** What is usual for a type of goal. */
export interface UsualGoal {
  readonly residualLog: number;
  /** What `residualLog` is measured against. */
  readonly against: string;
  readonly durationMs: number;
  readonly success: number;
}

/** The layers that a type may be held to. */
export const demotionCaps = ['performance', 'foundation'] as const;
export type DemotionCap = (typeof demotionCaps)[number];

/** A type that is held, and to which layer at each step; null where nothing simpler could serve it. */
export interface HeldGoal extends Held {
  readonly caps: readonly [DemotionCap | null, DemotionCap | null];
}

/** What the watch remembers, as JSON. */
export interface GoalWatchState {
  readonly usual: Readonly<Partial<Record<GoalType, UsualGoal>>>;
  readonly held: Readonly<Partial<Record<GoalType, HeldGoal>>>;
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
  readonly held: HeldGoal | undefined;
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
const longerTimes = 2;
const longerLog = Math.log(longerTimes);
const successLess = 0.2;
const sigmaLogMin = 0.1;
const sigmaShareMin = 0.05;
/** Samples that make a user one of those that are compared. */
const userSamplesMin = 5;
/** The foundation layer is not given more agents than this: it asks them one by one. */
const foundationAgentsMax = 256;

/** Looks at the recent coordinations of each of the types. */
export function watchGoals(
  state: GoalWatchState,
  types: readonly GoalType[],
  samples: readonly GoalSample[],
  options: GoalWatchOptions,
): { readonly state: GoalWatchState; readonly findings: readonly GoalFinding[] } {
  const usual: [GoalType, UsualGoal][] = [];
  const held: [GoalType, HeldGoal][] = [];
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
  readonly held: HeldGoal | undefined;
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
  const { held: next, change } = nextHolding(before, verdict, nowMs, options);
  const held = next && { ...next, caps: capsOf(before, judged) };
  const isLearned = judged && (change === 'rebased' || (!held && verdict !== 'anomalous'));
  return {
    usual: isLearned ? adapted(change === 'rebased' ? undefined : judged.usual, judged.recent) : usual,
    ...{ held, quietUntilMs },
    finding: change && { type, change, held, evidence: judged?.evidence ?? nothingSeen },
  };
}

/** It goes on from where it began: what serves it while it is held is not what served it before. */
const capsOf = (before: HeldGoal | undefined, judged: Judged | undefined): HeldGoal['caps'] =>
  before?.caps ?? judged?.caps ?? noCaps;

/** Nothing is held against a type of goal any more, and nothing will be for a while. */
export function dismissGoal(state: GoalWatchState, type: GoalType, quietUntilMs: number): GoalWatchState {
  const { [type]: _, ...held } = state.held;
  return { usual: state.usual, held, quiet: { ...state.quiet, [type]: quietUntilMs } };
}

const noCaps: HeldGoal['caps'] = [null, null];
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
  /** What was usual, measured as now. */
  readonly usual: UsualGoal | undefined;
  readonly verdict: Verdict;
  readonly caps: HeldGoal['caps'];
  readonly evidence: GoalFinding['evidence'];
}

function judge(
  before: UsualGoal | undefined,
  samples: readonly GoalSample[],
  { samplesMin, deviations }: GoalWatchOptions,
): Judged | undefined {
  if (samples.length < samplesMin) return undefined;
  const recent = recentByUsers(samples);
  const usual = usualAs(before, recent);
  // What comes first is what is usual.
  const { residualLog, durationMs, success } = usual ?? recent;
  const root = Math.sqrt(samples.length);
  const { sigma } = robustSpread(
    samples.map((sample) => sample.residualLog),
    sigmaLogMin,
  );
  const longer = recent.residualLog - residualLog;
  const longerBy = (longer / sigma) * root;
  const lessBy = ((success - recent.success) / successSpread(samples)) * root;
  // By the clock too, and not only beside what a model says.
  const isLonger = longer > longerLog && recent.durationMs > longerTimes * durationMs;
  const isLong = longerBy > deviations && isLonger;
  const isFailing = lessBy > deviations && success - recent.success > successLess;
  const isMeasured = { samples: samples.length };
  return {
    ...{ recent, usual, caps: capsBelow(samples) },
    verdict: isLong || isFailing ? 'anomalous' : 'usual',
    evidence:
      isFailing && (!isLong || lessBy > longerBy)
        ? { ...isMeasured, measure: 'success', observed: recent.success, usual: success, deviations: lessBy }
        : {
            ...{ ...isMeasured, measure: 'duration', observed: recent.durationMs },
            ...{ usual: durationMs, deviations: longerBy },
          },
  };
}

/**
 * Each user counts alike, whoever asks most: what is long, or comes to nothing, for one of several is that user's own affair.
 * Who asked for little is taken together with others like that.
 */
function recentByUsers(samples: readonly GoalSample[]): UsualGoal {
  const byUser = new Map<string, GoalSample[]>();
  for (const sample of samples) {
    const own = byUser.get(sample.user);
    if (own) own.push(sample);
    else byUser.set(sample.user, [sample]);
  }
  const all = [...byUser.values()];
  const few = all.filter((own) => own.length < userSamplesMin).flat();
  const users = all.filter((own) => own.length >= userSamplesMin);
  if (few.length >= userSamplesMin || users.length === 0) users.push(few);
  const middle = (valueOf: (own: readonly GoalSample[]) => number) => middleBelow(users.map(valueOf));
  return {
    residualLog: middle((own) => medianOf(own.map(({ residualLog }) => residualLog))),
    against: samples[0]!.against,
    durationMs: middle((own) => medianOf(own.map(({ durationMs }) => durationMs))),
    // Of two the better one, as with durations.
    success: -middle((own) => -meanOf(own.map(({ success }) => success))),
  };
}

/** The median; of an even number the lower one of the two in the middle. */
const middleBelow = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)]!;

/** What was usual of residuals says nothing when something else predicts: that begins anew. */
const usualAs = (usual: UsualGoal | undefined, { against, residualLog }: UsualGoal): UsualGoal | undefined =>
  usual === undefined || usual.against === against ? usual : { ...usual, against, residualLog };

function successSpread(samples: readonly GoalSample[]): number {
  const successes = samples.map(({ success }) => success);
  const mean = meanOf(successes);
  return Math.max(sigmaShareMin, Math.sqrt(meanOf(successes.map((one) => (one - mean) ** 2))));
}

/** One layer below the one that served most of it, and then one more. */
function capsBelow(samples: readonly GoalSample[]): HeldGoal['caps'] {
  const servedBy = (layer: LayerName) => samples.filter((sample) => sample.layer === layer).length;
  const below = samples.length - servedBy('intelligence');
  const plainest = medianOf(samples.map(({ agents }) => agents)) <= foundationAgentsMax ? 'foundation' : null;
  if (below <= samples.length / 2) return ['performance', plainest ?? 'performance'];
  return servedBy('performance') > 0 ? [plainest, plainest] : noCaps;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function adapted(before: UsualGoal | undefined, recent: UsualGoal): UsualGoal {
  if (!before) return recent;
  const towards = (old: number, now: number) => old + usualWeight * (now - old);
  return {
    residualLog: towards(before.residualLog, recent.residualLog),
    against: recent.against,
    durationMs: towards(before.durationMs, recent.durationMs),
    success: towards(before.success, recent.success),
  };
}
