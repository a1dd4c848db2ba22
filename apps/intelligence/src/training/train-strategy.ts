import { type ModelScores, type StrategyModelSnapshot } from '@nexus/contracts';
import { type Estimate } from '@nexus/core/learning';
import { isLater, isTold, type PastOutcome } from '../history/told-outcome.js';
import { type GoalType } from '../registry/registry.js';
import { coverageClaimed, fitChoices } from './choice-models.js';
import { predictionWindowOf, windowOf, type WindowOptions } from './training-window.js';
import { below, learned, Trial } from './trial.js';
import { isClearGain, type Judgement, type Verdict, verdictOf } from './verdict.js';

export interface StrategyTraining extends WindowOptions, Judgement {
  readonly type: GoalType;
  /** In the order of time. */
  readonly outcomes: readonly PastOutcome[];
  readonly samplesMin: number;
  /** When the world was seen to change, as an id: not learned from yet, and the last that was. Empty for never. */
  readonly drift: string;
  readonly learnedFrom: string;
}

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

/** Trains and judges one type of goal; undefined when there are too few outcomes. Same input, same result. */
export function trainStrategy(training: StrategyTraining): TrainedStrategy | undefined {
  const { type } = training;
  // Whoever tells could promote what they please: what was told predicts, and has no say in what is chosen.
  const { from, drift } = changeOf(training);
  const outcomes = training.outcomes.filter(({ id }) => isLater(id, from));
  const seen = outcomes.filter((outcome) => !isTold(outcome));
  // The later half judges, each of it what was learned from what came before.
  const window = windowOf(type, seen, { ...training, samples: 2 * training.samples });
  if (window.features.size < training.samplesMin) return undefined;
  const { choices, durationErrorMs, coverage } = fitChoices(predictionWindowOf(type, outcomes, training));
  const trial = Trial.of(window, training).since(training.rolledBackAt);
  const verdict: Verdict = isWithin(training, seen)
    ? { kind: 'keep', reason: 'what was put in use by hand stays for a while' }
    : verdictOf(trial, { ...training, drift });
  const isKept =
    verdict.kind === 'keep' || (verdict.kind === 'promote' && isClearGain(trial, training.margin));
  const model = isKept ? trial.model : undefined;
  const contender = model ? learned : below;
  return {
    ...{ type, choices: [...choices], verdict },
    tree: model?.snapshot() ?? null,
    scores: {
      ...{ samples: trial.learnedFrom, heldOut: trial.size, durationErrorMs, coverage, coverageClaimed },
      value: trial.value(contender).value,
      baseline: trial.value(below).value,
      gain: told(trial.gain(contender, below) ?? unknown),
    },
    ...{ fittedTo: trial.learnedTo, trainedTo: window.ids.at(-1)!, drift },
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
