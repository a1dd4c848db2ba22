import { doublyRobustScores } from '../bandit/off-policy.js';
import { OutcomeModels, pickDecisions, type Decisions } from './outcome-models.js';

interface ScoreOptions {
  readonly actionCount: number;
  readonly propensityMin: number;
}

/** Each part is predicted by what the others say. */
const parts = 5;

/**
 * Doubly robust scores of decisions to learn from. Every fifth one is predicted by models of the rest, so that no outcome
 * speaks for itself (V. Chernozhukov and others, "Double/debiased machine learning", Econometrics Journal 21 (2018)).
 */
export function crossFittedScores(decisions: Decisions, options: ScoreOptions): Float64Array {
  const { samples } = decisions;
  const predicted = new Float64Array(samples.size * options.actionCount);
  const indexes = Array.from({ length: samples.size }, (_, at) => at);
  for (let part = 0; part < parts; part++) {
    const others = indexes.filter((at) => at % parts !== part);
    const models = new OutcomeModels(pickDecisions(decisions, others), options.actionCount);
    for (const at of indexes) if (at % parts === part) models.predictInto(samples, at, predicted, at);
  }
  return scoresOf(decisions, predicted, options);
}

/** Doubly robust scores of decisions that were held out, by models of those that were learnt from. */
export function heldOutScores(learnt: Decisions, heldOut: Decisions, options: ScoreOptions): Float64Array {
  const models = new OutcomeModels(learnt, options.actionCount);
  const { samples } = heldOut;
  const predicted = new Float64Array(samples.size * options.actionCount);
  for (let at = 0; at < samples.size; at++) models.predictInto(samples, at, predicted, at);
  return scoresOf(heldOut, predicted, options);
}

const scoresOf = (
  { rewards, actions, propensities }: Decisions,
  predicted: Float64Array,
  options: ScoreOptions,
) => doublyRobustScores({ rewards, actions, propensities, predicted, ...options });

/**
 * How much better or worse than the mean of some actions each of them is, sample by sample. What makes all of them better
 * alike is gone: a tree then asks for what decides between them, and not for what makes a day good.
 * @param candidates the actions, one channel each
 * @returns `samples * candidates.length`
 */
export function advantagesOf(
  scores: Float64Array,
  actionCount: number,
  candidates: readonly number[],
): Float64Array {
  const channels = candidates.length;
  const size = scores.length / actionCount;
  const advantages = new Float64Array(size * channels);
  for (let at = 0; at < size; at++) {
    let mean = 0;
    for (const action of candidates) mean += scores[at * actionCount + action]! / channels;
    for (const [channel, action] of candidates.entries()) {
      advantages[at * channels + channel] = scores[at * actionCount + action]! - mean;
    }
  }
  return advantages;
}
