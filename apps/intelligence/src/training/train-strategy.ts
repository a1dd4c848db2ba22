import { type ModelScores, type StrategyModelSnapshot } from '@nexus/contracts';
import { type Estimate, fitStrategy, StrategyModel } from '@nexus/core/learning';
import { isTold, type PastOutcome } from '../history/told-outcome.js';
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
  /** Whether the world was seen to have changed. */
  readonly isDrifted: boolean;
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
}

/** Outcomes since a promotion that can bear the judgement that it does harm. */
const regressionSamplesMin = 50;

/** Trains and judges one type of goal; undefined when there are too few outcomes. Same input, same result. */
export function trainStrategy(training: StrategyTraining): TrainedStrategy | undefined {
  const { type, outcomes } = training;
  // Whoever tells could promote what they please: what was told predicts, and has no say in what is chosen.
  const window = windowOf(
    type,
    outcomes.filter((outcome) => !isTold(outcome)),
    training,
  );
  const { features, ids, trainSize } = window;
  if (features.size < training.samplesMin) return undefined;
  const { choices, durationErrorMs, coverage } = fitChoices(predictionWindowOf(type, outcomes, training));
  const fitted = fitStrategy({
    ...{ samples: features, actions: window.actions, rewards: window.rewards },
    ...{ propensities: window.propensities, actionCount: window.choices.length },
    ...{ holdOutShare: 0.3, samplesMin: training.samplesMin },
  });
  const tree = fitted.kind === 'fitted' ? fitted.model : undefined;
  const judge = new Judge(window);
  const verdict = verdictOf(training, window, judge, tree);
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
      gain: told(judge.gain(kept, undefined)),
    },
    fittedTo: ids[trainSize - 1]!,
    trainedTo: ids.at(-1)!,
  };
}

const told = ({ value, low, high }: Estimate) => ({ expected: value, low, high });

const isClearGain = (judge: Judge, tree: StrategyModel | undefined, { margin }: StrategyTraining): boolean =>
  tree !== undefined && judge.gain(tree, undefined).low > margin;

function verdictOf(
  training: StrategyTraining,
  window: TrainingWindow,
  judge: Judge,
  tree: StrategyModel | undefined,
): Verdict {
  const { champion, margin, isDrifted } = training;
  const isClear = isClearGain(judge, tree, training);
  const gain = inWords(judge.gain(tree, undefined));
  if (champion === undefined) {
    return isClear
      ? { kind: 'promote', reason: `better than the layer below by ${gain}` }
      : { kind: 'promote', reason: `nothing is better than the layer below (${gain}): it predicts only` };
  }
  const inUse = StrategyModel.restore(champion.tree);
  const harm = harmOf(training, window, inUse);
  if (tree !== undefined && isClear) {
    const over = fairly(judge, window, champion).gain(tree, inUse);
    if (over.low > margin) {
      return { kind: 'promote', reason: `better than version ${champion.version} by ${inWords(over)}` };
    }
    if ((isDrifted || harm !== undefined) && over.value > 0) {
      const why = harm === undefined ? 'what is usual has changed' : 'it did harm';
      return { kind: 'promote', reason: `in the place of version ${champion.version}: ${why}` };
    }
  }
  if (harm !== undefined) return retreat(training, window, harm);
  return { kind: 'keep', reason: `not surely better than version ${champion.version}` };
}

/** On what neither was fitted to, where there is enough of it; else the one in use is flattered, and stays more easily. */
function fairly(judge: Judge, window: TrainingWindow, { fittedTo }: KnownTree): Judge {
  const fair = new Judge(window, fittedTo);
  return fair.size >= regressionSamplesMin ? fair : judge;
}

/** How much less the one in use brought since it was put in use than the layer below would have; undefined: none. */
function harmOf(
  { champion, margin }: StrategyTraining,
  window: TrainingWindow,
  inUse: StrategyModel | undefined,
): Estimate | undefined {
  if (champion === undefined || inUse === undefined) return undefined;
  const since = new Judge(window, champion.promotedAt);
  if (since.size < regressionSamplesMin) return undefined;
  const gain = since.gain(inUse, undefined);
  return gain.high < -margin ? gain : undefined;
}

/** To the latest of the former versions that surely does no harm, or to none. */
function retreat(
  { champion, former, margin }: StrategyTraining,
  window: TrainingWindow,
  harm: Estimate,
): Verdict {
  const since = new Judge(window, champion!.promotedAt);
  const better = former.find(({ tree }) => {
    const earlier = StrategyModel.restore(tree);
    return earlier !== undefined && since.gain(earlier, undefined).low > -margin;
  });
  return {
    kind: 'retire',
    to: better?.version,
    reason: `since it was promoted it has brought ${inWords(harm)}`,
  };
}

const inWords = ({ value, low, high }: Estimate): string =>
  `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}) of utility`;
