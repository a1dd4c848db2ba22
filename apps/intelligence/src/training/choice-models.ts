import { type StrategyModelSnapshot } from '@nexus/contracts';
import { conformalInterval, fitRidge, type LinearModel, type Samples } from '@nexus/core/learning';
import { type PredictionWindow } from './training-window.js';

type ChoiceModel = StrategyModelSnapshot['choices'][number];

/** Outcomes of a choice that its predictions need: to be fitted to, and later ones that tell how far off they are. */
const fitSamplesMin = 20;
const judgeSamplesMin = 10;
const judgeShare = 0.3;
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
export function fitChoices(window: PredictionWindow): ChoiceModels {
  const tally = { errorsMs: 0, judged: 0, within: 0, bounded: 0 };
  const choices = window.choices.map((choice, action): ChoiceModel => {
    const rows = rowsOf(window, action);
    const samples = rows.length;
    const durations = Float64Array.from(rows, (row) => Math.log1p(window.durationsMs[row]!));
    const successes = Float64Array.from(rows, (row) => window.successes[row]!);
    const nothing = { duration: null, durationOffsets: null, success: null, successOffsets: null };
    const split = splitOf(rows.map((row) => window.told[row]!));
    if (split === undefined) return { choice, samples, ...nothing };
    const features = window.features.pick(rows);
    const duration = fitted(features, durations, split);
    const success = fitted(features, successes, split);
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

const rowsOf = ({ actions }: PredictionWindow, action: number): number[] =>
  Array.from(actions.keys()).filter((row) => actions[row] === action);

/** Outcomes of one choice: up to `trainSize` they are learned from, and of the later ones these judge. */
interface Split {
  readonly trainSize: number;
  readonly later: readonly number[];
}

/** Undefined where too few were seen for one of the parts. */
function splitOf(told: readonly boolean[]): Split | undefined {
  const seen = [...told.keys()].filter((at) => !told[at]);
  const later = seen.slice(-Math.max(judgeSamplesMin, Math.round(seen.length * judgeShare)));
  if (later.length < judgeSamplesMin || later[0]! < fitSamplesMin) return undefined;
  return { trainSize: later[0]!, later };
}

interface Fitted {
  /** Of all outcomes. */
  readonly model: LinearModel;
  /** Of the held-out ones, by a model of the others: actual less predicted, and what was predicted. */
  readonly residuals: Float64Array;
  readonly predicted: Float64Array;
}

function fitted(features: Samples, targets: Float64Array, { trainSize, later }: Split): Fitted {
  const earlier = fitRidge(features.slice(0, trainSize), targets.slice(0, trainSize));
  const predicted = Float64Array.from(later, (row) => earlier.predict(features.rowAt(row)));
  const residuals = predicted.map((value, at) => targets[later[at]!]! - value);
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
