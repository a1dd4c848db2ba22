/*
 * What would have come of other choices than those that were made? Of each choice it is known how likely it was. One that
 * was seldom made stands for the many times when it was not, and counts so much more. A model of the outcome fills in the
 * rest: then only what the model gets wrong needs to be made up for, and the estimate is right if either the likelihoods or
 * the model are.
 */
import { assert } from '@nexus/core/invariant';
import { estimateOf, meanEstimate, type Estimate } from '../numbers/estimate.js';

/** What was logged, one entry a decision, and the choice that is to be judged. */
export interface LoggedChoices {
  readonly rewards: ArrayLike<number>;
  readonly actions: ArrayLike<number>;
  /** How likely each action was when it was taken, above 0 and up to 1. */
  readonly propensities: ArrayLike<number>;
  /** What would be chosen instead. */
  readonly chosen: ArrayLike<number>;
  /** Likelihoods below count as this: a little wrong, and far calmer. Default 0.01. */
  readonly propensityMin?: number;
}

const defaultPropensityMin = 0.01;

function weightOf({ actions, chosen, propensities, propensityMin }: LoggedChoices, at: number): number {
  if (actions[at] !== chosen[at]) return 0;
  return 1 / Math.max(propensities[at]!, propensityMin ?? defaultPropensityMin);
}

/**
 * The mean reward had `chosen` been taken, by inverse propensity.
 * Source: D. Horvitz, D. Thompson, JASA 47 (1952).
 */
export function ips(logged: LoggedChoices): Estimate {
  assertAligned(logged);
  return meanEstimate(logged.rewards.length, (at) => weightOf(logged, at) * logged.rewards[at]!);
}

/**
 * The same divided by the mean weight: a little off with few samples, calmer, and never beyond the rewards. With no matching
 * decision: 0, with an error of 0 and no samples.
 * Source: A. Swaminathan, T. Joachims, "The Self-Normalized Estimator for Counterfactual Learning", NIPS 2015.
 */
export function selfNormalisedIps(logged: LoggedChoices): Estimate {
  assertAligned(logged);
  const { rewards } = logged;
  let weights = 0;
  let sum = 0;
  let matching = 0;
  for (let at = 0; at < rewards.length; at++) {
    const weight = weightOf(logged, at);
    if (weight > 0) matching += 1;
    weights += weight;
    sum += weight * rewards[at]!;
  }
  if (weights === 0) return estimateOf(0, 0, 0);
  const value = sum / weights;
  let squares = 0;
  for (let at = 0; at < rewards.length; at++) squares += (weightOf(logged, at) * (rewards[at]! - value)) ** 2;
  return estimateOf(value, Math.sqrt(squares) / weights, matching);
}

export interface DoublyRobustInput {
  readonly rewards: ArrayLike<number>;
  readonly actions: ArrayLike<number>;
  readonly propensities: ArrayLike<number>;
  /** `samples * actionCount`, row by row: what a model says of each action, learnt from other samples than these. */
  readonly predicted: Float64Array;
  readonly actionCount: number;
  /** Default 0.01. */
  readonly propensityMin?: number;
}

/**
 * For each sample and action an estimate of the reward, right on average: the prediction, and for the action that was taken
 * what it got wrong, as often as that action was not taken.
 * Source: M. Dudík, J. Langford, L. Li, "Doubly Robust Policy Evaluation and Learning", ICML 2011.
 * @returns `samples * actionCount`, row by row
 */
export function doublyRobustScores({
  rewards,
  actions,
  propensities,
  predicted,
  actionCount,
  propensityMin = defaultPropensityMin,
}: DoublyRobustInput): Float64Array {
  assert(predicted.length === rewards.length * actionCount, 'each sample has a prediction an action');
  assert(actions.length === rewards.length && propensities.length === rewards.length, 'lists are aligned');
  const scores = predicted.slice();
  for (let at = 0; at < rewards.length; at++) {
    const place = at * actionCount + actions[at]!;
    scores[place]! += (rewards[at]! - predicted[place]!) / Math.max(propensities[at]!, propensityMin);
  }
  return scores;
}

/**
 * The mean reward had `chosen` been taken.
 * @param scores `samples * actionCount`, from `doublyRobustScores`
 */
export function valueOf(scores: Float64Array, actionCount: number, chosen: ArrayLike<number>): Estimate {
  assert(scores.length === chosen.length * actionCount, 'each sample has a score an action');
  return meanEstimate(chosen.length, (at) => scores[at * actionCount + chosen[at]!]!);
}

/** How much more `chosen` would have brought than `other`, sample by sample: closer than two estimates side by side. */
export function advantageOf(
  scores: Float64Array,
  actionCount: number,
  chosen: ArrayLike<number>,
  other: ArrayLike<number>,
): Estimate {
  assert(scores.length === chosen.length * actionCount, 'each sample has a score an action');
  assert(other.length === chosen.length, 'both choose for every sample');
  return meanEstimate(
    chosen.length,
    (at) => scores[at * actionCount + chosen[at]!]! - scores[at * actionCount + other[at]!]!,
  );
}

function assertAligned({ rewards, actions, propensities, chosen }: LoggedChoices): void {
  const { length } = rewards;
  assert(
    actions.length === length && propensities.length === length && chosen.length === length,
    'lists are aligned',
  );
}
