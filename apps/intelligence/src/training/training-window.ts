import { choicesOf, type Choice, featureNames } from '@nexus/contracts';
import { medianOf, Samples, shareOf, type Shares, winsorised, withinShares } from '@nexus/core/learning';
import { isTold, type PastOutcome, userOf } from '../history/told-outcome.js';
import { type GoalType } from '../registry/registry.js';
import { thinned } from './thinning.js';

/** How many outcomes at most, the latest, and how many of them one source may have. */
export type WindowOptions = Shares;

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
  /** Whom each outcome counts for. */
  readonly sources: readonly string[];
}

export interface PredictionWindow extends TrainingWindow {
  /** Of each row whether it was told: such a one helps to predict, and judges nothing. */
  readonly told: readonly boolean[];
}

/** The share at either end of the durations that is drawn in. */
const winsorisedShare = 0.01;

/** Whatever was told by somebody, or done by an agent. */
interface Sourced {
  readonly source: string;
}

/** The latest, of which no source has more than its share. */
export const latestWithinShares = <T extends Sourced>(rows: readonly T[], options: WindowOptions): T[] =>
  withinShares(
    rows.map(({ source }) => source),
    options,
  ).map((at) => rows[at]!);

/** What a model of one type is trained on. */
export function windowOf(
  type: GoalType,
  outcomes: readonly PastOutcome[],
  options: WindowOptions,
): TrainingWindow {
  const choices: readonly Choice[] = choicesOf[type];
  const usable = outcomes.filter((outcome) => outcome.type === type && choices.includes(outcome.choice));
  const { samples, shareMax } = options;
  const share = shareOf(
    usable.map(({ source }) => source),
    shareMax,
  );
  const sourceMax = Math.max(1, Math.ceil(samples * share));
  const rows =
    thinned(usable, { samples, sourceMax, choices: choices.length }) ?? latestWithinShares(usable, options);
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
    sources: taken.map(({ source }) => source),
  };
}

/** What durations are predicted from: what was told, too, where a user has one share for what was asked and what was told. */
export function predictionWindowOf(
  type: GoalType,
  outcomes: readonly PastOutcome[],
  options: WindowOptions,
): PredictionWindow {
  const told = new Set(outcomes.filter(isTold).map(({ id }) => id));
  const byUser = outcomes.map((row) => ({ ...row, source: userOf(row) }));
  const window = windowOf(type, byUser, options);
  return { ...window, told: window.ids.map((id) => told.has(id)) };
}
