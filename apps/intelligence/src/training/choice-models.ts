import { type StrategyModelSnapshot } from '@nexus/contracts';
import { conformalInterval, fitRidge, type LinearModel, type Samples } from '@nexus/core/learning';
import { type TrainingWindow } from './training-window.js';

type ChoiceModel = StrategyModelSnapshot['choices'][number];

/** Outcomes of a choice that its predictions need. */
const choiceSamplesMin = 30;
/** How often the truth is to lie within the predicted bounds. */
export const coverageClaimed = 0.9;

export interface ChoiceModels {
  readonly choices: readonly ChoiceModel[];
  /** Mean absolute error of the duration, on later outcomes than were learned from. */
  readonly durationErrorMs: number;
  /** How often it lay within bounds that were drawn from other outcomes. */
  readonly coverage: number;
}

/** Predicts duration and success of each choice that was taken often enough, with bounds. */
export function fitChoices(window: TrainingWindow): ChoiceModels {
  const tally = { errorsMs: 0, judged: 0, within: 0, bounded: 0 };
  const choices = window.choices.map((choice, action): ChoiceModel => {
    const rows = rowsOf(window, action);
    const samples = rows.length;
    const durations = Float64Array.from(rows, (row) => Math.log1p(window.durationsMs[row]!));
    const successes = Float64Array.from(rows, (row) => window.successes[row]!);
    const nothing = { duration: null, durationOffsets: null, success: null, successOffsets: null };
    if (samples < choiceSamplesMin) return { choice, samples, ...nothing };
    const features = window.features.pick(rows);
    const trainSize = rows.filter((row) => row < window.trainSize).length;
    const duration = fitted(features, durations, trainSize);
    const success = fitted(features, successes, trainSize);
    judge(duration.residuals, duration.predicted, tally);
    return {
      ...{ choice, samples, duration: duration.model.snapshot(), success: success.model.snapshot() },
      durationOffsets: offsetsOf(duration.residuals),
      successOffsets: offsetsOf(success.residuals),
    };
  });
  return {
    choices,
    durationErrorMs: tally.judged === 0 ? 0 : tally.errorsMs / tally.judged,
    coverage: tally.bounded === 0 ? 0 : tally.within / tally.bounded,
  };
}

const rowsOf = ({ actions }: TrainingWindow, action: number): number[] =>
  Array.from(actions.keys()).filter((row) => actions[row] === action);

interface Fitted {
  /** Of all outcomes. */
  readonly model: LinearModel;
  /** Of the held-out ones, by a model of the others: actual less predicted, and what was predicted. */
  readonly residuals: Float64Array;
  readonly predicted: Float64Array;
}

function fitted(features: Samples, targets: Float64Array, trainSize: number): Fitted {
  const earlier = fitRidge(features.slice(0, trainSize), targets.slice(0, trainSize));
  const later = Array.from({ length: features.size - trainSize }, (_, at) => trainSize + at);
  const predicted = Float64Array.from(later, (row) => earlier.predict(features.rowAt(row)));
  const residuals = predicted.map((value, at) => targets[trainSize + at]! - value);
  return { model: fitRidge(features, targets), residuals, predicted };
}

function offsetsOf(residuals: Float64Array): { low: number; high: number } | null {
  const interval = conformalInterval(residuals, coverageClaimed);
  return interval.kind === 'interval' ? { low: interval.low, high: interval.high } : null;
}

/** The bounds are drawn from the first half of what was held out, and tried on the second. */
function judge(
  residuals: Float64Array,
  predicted: Float64Array,
  tally: { errorsMs: number; judged: number; within: number; bounded: number },
): void {
  for (const [at, residual] of residuals.entries()) {
    tally.errorsMs += Math.abs(Math.expm1(predicted[at]! + residual) - Math.expm1(predicted[at]!));
    tally.judged++;
  }
  const half = Math.floor(residuals.length / 2);
  const bounds = offsetsOf(residuals.slice(0, half));
  if (bounds === null) return;
  for (const residual of residuals.slice(half)) {
    tally.bounded++;
    if (residual >= bounds.low && residual <= bounds.high) tally.within++;
  }
}
