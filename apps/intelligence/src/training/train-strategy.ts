import { type ModelScores, type StrategyModelSnapshot } from '@nexus/contracts';
import { type Estimate, fitStrategy, StrategyModel } from '@nexus/core/learning';
import { isLater, isTold, type PastOutcome } from '../history/told-outcome.js';
import { type GoalType } from '../registry/registry.js';
import { coverageClaimed, fitChoices } from './choice-models.js';
import { Judge } from './judge.js';
import { predictionWindowOf, type TrainingWindow, windowOf, type WindowOptions } from './training-window.js';

/** A version that is, or was, in use. */
export interface KnownTree {
  readonly version: number;
  /** Null: it chooses what the layer below does. */
  readonly tree: unknown;
  readonly fittedTo: string;
  readonly promotedAt: string;
}

export interface StrategyTraining extends WindowOptions {
  readonly type: GoalType;
  /** In the order of time. */
  readonly outcomes: readonly PastOutcome[];
  readonly samplesMin: number;
  readonly margin: number;
  readonly champion: KnownTree | undefined;
  /** Versions that were in use before, the latest first. */
  readonly former: readonly KnownTree[];
  /** When the world was seen to change, as an id: not learned from yet, and the last that was. Empty for never. */
  readonly drift: string;
  readonly learnedFrom: string;
  /** When another version was put in use by hand, as an id; empty for never. */
  readonly rolledBackAt: string;
}

/**
 * `promote`: what was trained takes over. `keep`: it does not. `retire`: what is in use does harm, and is taken back: to the
 * version `to`, or to what was trained, which then chooses nothing.
 */
export type Verdict =
  | { readonly kind: 'promote' | 'keep'; readonly reason: string }
  | { readonly kind: 'retire'; readonly to: number | undefined; readonly reason: string };

export interface TrainedStrategy {
  readonly type: GoalType;
  readonly choices: StrategyModelSnapshot['choices'];
  readonly tree: unknown;
  readonly scores: ModelScores;
  readonly verdict: Verdict;
  /** The latest outcome that its tree was fitted to, and the latest of all. */
  readonly fittedTo: string;
  readonly trainedTo: string;
  /** The drift after which alone it was learned; empty where that is still to come. */
  readonly drift: string;
}

/** Outcomes since a promotion that can bear the judgement that it does harm. */
const regressionSamplesMin = 50;

/** Trains and judges one type of goal; undefined when there are too few outcomes. Same input, same result. */
export function trainStrategy(training: StrategyTraining): TrainedStrategy | undefined {
  const { type } = training;
  // Whoever tells could promote what they please: what was told predicts, and has no say in what is chosen.
  const { from, drift } = changeOf(training);
  const outcomes = training.outcomes.filter(({ id }) => isLater(id, from));
  const seen = outcomes.filter((outcome) => !isTold(outcome));
  const window = windowOf(type, seen, training);
  const { features, ids, trainSize } = window;
  if (features.size < training.samplesMin) return undefined;
  const { choices, durationErrorMs, coverage } = fitChoices(predictionWindowOf(type, outcomes, training));
  const fitted = fitStrategy({
    ...{ samples: features, actions: window.actions, rewards: window.rewards },
    ...{ propensities: window.propensities, actionCount: window.choices.length },
    ...{ holdOutShare: 0.3, samplesMin: training.samplesMin },
  });
  const tree = fitted.kind === 'fitted' ? fitted.model : undefined;
  const judge = new Judge(window, training.rolledBackAt);
  const isHeld = isWithin(training, seen);
  const verdict: Verdict = isHeld
    ? { kind: 'keep', reason: 'what was put in use by hand stays for a while' }
    : verdictOf({ ...training, drift }, window, judge, tree);
  const isTreeUsed =
    verdict.kind === 'keep' || (verdict.kind === 'promote' && isClearGain(judge, tree, training));
  const kept = isTreeUsed ? tree : undefined;
  return {
    ...{ type, choices: [...choices], verdict },
    tree: kept?.snapshot() ?? null,
    scores: {
      ...{ samples: features.size, heldOut: judge.size, durationErrorMs, coverage, coverageClaimed },
      value: judge.value(kept).value,
      baseline: judge.value(undefined).value,
      gain: told(judge.gain(kept, undefined) ?? unknown),
    },
    fittedTo: ids[trainSize - 1]!,
    trainedTo: ids.at(-1)!,
    drift,
  };
}

/** What lies before the last drift is no more: once there are enough outcomes after it, nothing else is learned from. */
function changeOf({ outcomes, samplesMin, drift, learnedFrom, type }: StrategyTraining): {
  readonly from: string;
  readonly drift: string;
} {
  const after = outcomes.filter((row) => row.type === type && !isTold(row) && isLater(row.id, drift));
  return drift !== '' && after.length >= samplesMin
    ? { from: drift, drift }
    : { from: learnedFrom, drift: '' };
}

/** Whether too little was seen since a version was put in use by hand to judge it. */
const isWithin = (
  { rolledBackAt, samplesMin, type }: StrategyTraining,
  seen: readonly PastOutcome[],
): boolean =>
  rolledBackAt !== '' &&
  seen.filter((row) => row.type === type && isLater(row.id, rolledBackAt)).length < samplesMin;

const told = ({ value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>) => ({
  expected: value,
  low,
  high,
});
const unknown = { value: 0, low: 0, high: 0 };

/**
 * Standard errors that a gain, and harm, must be clear by. It is looked at with each training anew: a bound of 95 % would be
 * crossed by chance within hours, and what serves well would be taken back.
 */
const gainErrors = 3;
const harmErrors = 4;

const isAbove = (gain: Estimate | undefined, margin: number): boolean =>
  gain !== undefined && gain.value - gainErrors * gain.standardError > margin;

const isClearGain = (judge: Judge, tree: StrategyModel | undefined, { margin }: StrategyTraining): boolean =>
  tree !== undefined && isAbove(judge.gain(tree, undefined), margin);

function verdictOf(
  training: StrategyTraining,
  window: TrainingWindow,
  judge: Judge,
  tree: StrategyModel | undefined,
): Verdict {
  const { champion, margin, drift } = training;
  const isClear = isClearGain(judge, tree, training);
  if (champion === undefined) {
    const gain = inWords(judge.gain(tree, undefined));
    return isClear
      ? { kind: 'promote', reason: `better than the layer below by ${gain}` }
      : { kind: 'promote', reason: `nothing is better than the layer below (${gain}): it predicts only` };
  }
  const inUse = StrategyModel.restore(champion.tree);
  const harm = harmOf(training, window, inUse);
  if (tree !== undefined && isClear) {
    const over = fairly(judge, window, training).gain(tree, inUse);
    if (isAbove(over, margin)) {
      return { kind: 'promote', reason: `better than version ${champion.version} by ${inWords(over)}` };
    }
    if ((drift !== '' || harm !== undefined) && over !== undefined && over.value > 0) {
      const why = harm === undefined ? 'what is usual has changed' : 'it did harm';
      return { kind: 'promote', reason: `in the place of version ${champion.version}: ${why}` };
    }
  }
  if (harm !== undefined) return retreat(training, window, harm);
  return { kind: 'keep', reason: `not surely better than version ${champion.version}` };
}

const later = (one: string, other: string): string => (isLater(one, other) ? one : other);

/** On what neither was fitted to, where there is enough of it; else the one in use is flattered, and stays more easily. */
function fairly(judge: Judge, window: TrainingWindow, { champion, rolledBackAt }: StrategyTraining): Judge {
  const fair = new Judge(window, later(champion?.fittedTo ?? '', rolledBackAt));
  return fair.size >= regressionSamplesMin ? fair : judge;
}

/** By what came since it was put in use, by whomever. */
const judgeSince = ({ champion, rolledBackAt }: StrategyTraining, window: TrainingWindow): Judge =>
  new Judge(window, later(champion?.promotedAt ?? '', rolledBackAt));

/** How much less the one in use brought since it was put in use than the layer below would have; undefined: none. */
function harmOf(
  training: StrategyTraining,
  window: TrainingWindow,
  inUse: StrategyModel | undefined,
): Estimate | undefined {
  if (inUse === undefined) return undefined;
  const since = judgeSince(training, window);
  if (since.size < regressionSamplesMin) return undefined;
  const gain = since.gain(inUse, undefined);
  const isHarm = gain !== undefined && gain.value + harmErrors * gain.standardError < -training.margin;
  return isHarm ? gain : undefined;
}

/** To the latest of the former versions that does no harm, or to none. */
function retreat(training: StrategyTraining, window: TrainingWindow, harm: Estimate): Verdict {
  const since = judgeSince(training, window);
  const better = training.former.find(({ tree }) => {
    const earlier = StrategyModel.restore(tree);
    const gain = earlier && since.gain(earlier, undefined);
    return gain !== undefined && gain.low > -training.margin;
  });
  return {
    kind: 'retire',
    to: better?.version,
    reason: `since it was promoted it has brought ${inWords(harm)}`,
  };
}

const inWords = (gain: Estimate | undefined): string =>
  gain === undefined
    ? 'too few were tried to say'
    : `${gain.value.toFixed(3)} (${gain.low.toFixed(3)} to ${gain.high.toFixed(3)}) of utility`;
