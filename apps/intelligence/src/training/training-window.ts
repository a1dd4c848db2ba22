import { choicesOf, type Choice, featureNames } from '@nexus/contracts';
import { medianOf, Samples, timeOrderedSplit, winsorised, withinQuotas } from '@nexus/core/learning';
import { type PastOutcome } from '../history/told-outcome.js';
import { type GoalType } from '../registry/registry.js';

export interface WindowOptions {
  /** Outcomes at most, the latest. */
  readonly samples: number;
  /** Share of them that one source may have where there are several. */
  readonly shareMax: number;
}

/** Outcomes of one type in the order of time, as columns. */
export interface TrainingWindow {
  readonly type: GoalType;
  readonly choices: readonly Choice[];
  readonly features: Samples;
  /** Places in `choices`. */
  readonly actions: Int32Array;
  readonly propensities: Float64Array;
  readonly durationsMs: Float64Array;
  readonly successes: Float64Array;
  /** Success, and half of it when it took `referenceMs`: 0 to 1. */
  readonly rewards: Float64Array;
  readonly ids: readonly string[];
  /** Rows below are learned from, the others judge. */
  readonly trainSize: number;
}

/** The share at either end of the durations that is drawn in. */
const winsorisedShare = 0.01;
const holdOutShare = 0.3;

/** No source has more than its share; a single one speaks over nobody. */
export function withinShares<T extends { readonly source: string }>(
  rows: readonly T[],
  { samples, shareMax }: WindowOptions,
): T[] {
  const sources = rows.map(({ source }) => source);
  const perSource = new Set(sources).size > 1 ? Math.max(1, Math.ceil(samples * shareMax)) : samples;
  return withinQuotas(sources, perSource)
    .map((at) => rows[at]!)
    .slice(-samples);
}

/** Nor in the later part alone, which judges: whoever floods it at the end would decide what is taken back. */
function withinSharesOfBoth(rows: readonly PastOutcome[], { shareMax }: WindowOptions): PastOutcome[] {
  const { trainSize, holdOutSize } = timeOrderedSplit(rows.length, holdOutShare);
  const later = withinShares(rows.slice(trainSize), { samples: Math.max(1, holdOutSize), shareMax });
  return [...rows.slice(0, trainSize), ...later];
}

/** What a model of one type is trained on. */
export function windowOf(
  type: GoalType,
  outcomes: readonly PastOutcome[],
  options: WindowOptions,
): TrainingWindow {
  const choices: readonly Choice[] = choicesOf[type];
  const usable = outcomes.filter((outcome) => outcome.type === type && choices.includes(outcome.choice));
  const rows = withinSharesOfBoth(withinShares(usable, options), options);
  const features = new Samples(featureNames.length, Math.max(1, rows.length));
  const taken = rows.filter((row) => features.add(featureNames.map((name) => row.features[name])));
  const durationsMs = winsorised(
    taken.map((row) => row.durationMs),
    winsorisedShare,
  );
  const referenceMs = Math.max(1, taken.length === 0 ? 1 : medianOf(durationsMs));
  return {
    ...{ type, choices, features, durationsMs },
    actions: Int32Array.from(taken, ({ choice }) => choices.indexOf(choice)),
    propensities: Float64Array.from(taken, ({ propensity }) => propensity),
    successes: Float64Array.from(taken, ({ success }) => success),
    rewards: Float64Array.from(taken, ({ success }, at) => success / (1 + durationsMs[at]! / referenceMs)),
    ids: taken.map(({ id }) => id),
    trainSize: timeOrderedSplit(taken.length, holdOutShare).trainSize,
  };
}
