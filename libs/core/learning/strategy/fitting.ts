/*
 * Which strategy fits which situation? A tree that is grown from the strategies that were used learns habits. This one is
 * grown from what came of them: for each past decision it is estimated what every strategy would have brought, and the tree
 * asks what decides between them. Whether it does better than what runs today is told by decisions that came later.
 */
import { assert } from '@nexus/core/invariant';
import { advantageOf, valueOf } from '../bandit/off-policy.js';
import { isAdmissible } from '../numbers/admissible.js';
import { type Estimate } from '../numbers/estimate.js';
import { timeOrderedSplit } from '../samples/choosing.js';
import { type Insufficient } from '../samples/insufficient.js';
import { type Samples } from '../samples/samples.js';
import { growTree, type TreeOptions } from '../tree/growing.js';
import { pickDecisions, type Decisions } from './outcome-models.js';
import { advantagesOf, crossFittedScores, heldOutScores } from './scores.js';
import { errorsOf, StrategyModel } from './strategy-model.js';

export interface StrategyInput {
  /** What was known at each decision, in the order of time. */
  readonly samples: Samples;
  /** What was done, 0 up to `actionCount - 1`. */
  readonly actions: ArrayLike<number>;
  readonly rewards: ArrayLike<number>;
  /** How likely that was, above 0 and up to 1. A decision with anything else in these three is left out. */
  readonly propensities: ArrayLike<number>;
  readonly actionCount: number;
  /** The latest part, that only judges. Default 0.3. */
  readonly holdOutShare?: number;
  /** Decisions that are needed at all. Default 100. */
  readonly samplesMin?: number;
  /** Times that an action must have been tried, in the part to learn from, to be chosen by the model. Default 20. */
  readonly actionSamplesMin?: number;
  /** Likelihoods below count as this. Default 0.01. */
  readonly propensityMin?: number;
  /** What is always done without any strategy, to be compared with. */
  readonly baseline?: number;
  /** The strategy that runs today, to be compared with. */
  readonly champion?: StrategyModel;
  /** Scores are noisy: by default a leaf has 20 samples, and 40 are parted at least. */
  readonly tree?: TreeOptions;
}

/** Mean rewards on the decisions that were held out, in the unit of the rewards. */
export interface StrategyEvaluation {
  readonly policy: Estimate;
  /** Of each action, had it always been taken; null for those that were hardly ever tried. */
  readonly singles: readonly (Estimate | null)[];
  /** The best of these. */
  readonly bestSingle: number;
  /** How much more the policy brings than that, sample by sample. The best is known with hindsight: a hard measure. */
  readonly overBestSingle: Estimate;
  /** How much more it brings than the baseline; null without one, or where that was hardly ever tried. */
  readonly overBaseline: Estimate | null;
  readonly champion: Estimate | null;
  /** How much more it brings than the champion. */
  readonly overChampion: Estimate | null;
  /** How much more the champion brings than the baseline. */
  readonly championOverBaseline: Estimate | null;
}

export interface FittedStrategy {
  readonly kind: 'fitted';
  readonly model: StrategyModel;
  readonly evaluation: StrategyEvaluation;
}

/** `of` says what is too few: decisions, or actions that were tried often enough. */
export interface InsufficientDecisions extends Insufficient {
  readonly of: 'samples' | 'actions';
}

/**
 * Fits a strategy to logged decisions and judges it on the latest of them. The rewards should be winsorised, and no source
 * heard beyond its quota, where reports may be wrong.
 */
export function fitStrategy(input: StrategyInput): FittedStrategy | InsufficientDecisions {
  const { actionCount, holdOutShare = 0.3, samplesMin = 100, actionSamplesMin = 20 } = input;
  assert(Number.isInteger(actionCount) && actionCount >= 1, 'there is an action');
  const decisions = usableDecisions(input);
  const have = decisions.samples.size;
  const need = Math.max(4, samplesMin);
  if (have < need) return { kind: 'insufficient', of: 'samples', have, need };
  const { trainSize } = timeOrderedSplit(have, holdOutShare);
  const learnt = pickDecisions(decisions, range(0, trainSize));
  const heldOut = pickDecisions(decisions, range(trainSize, have));
  const candidates = candidatesOf(learnt, actionCount, actionSamplesMin);
  if (candidates.length < 2) {
    return { kind: 'insufficient', of: 'actions', have: candidates.length, need: 2 };
  }
  const options = { actionCount, propensityMin: input.propensityMin ?? 0.01 };
  const model = grownModel(learnt, crossFittedScores(learnt, options), { ...input, candidates });
  const scores = heldOutScores(learnt, heldOut, options);
  const evaluation = evaluated(model, heldOut.samples, scores, { ...input, candidates });
  return { kind: 'fitted', model, evaluation };
}

/** Whether a strategy does more than `margin` better than today's; where there is none, than what is done without. */
export const isBetter = (
  { overBestSingle, overBaseline, overChampion }: StrategyEvaluation,
  margin: number,
): boolean => (overChampion ?? overBaseline ?? overBestSingle).low > margin;

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

function usableDecisions({ samples, actions, rewards, propensities, actionCount }: StrategyInput): Decisions {
  const { size } = samples;
  assert(
    actions.length === size && rewards.length === size && propensities.length === size,
    'each sample has its action, its reward and its likelihood',
  );
  const isAction = (action: unknown) =>
    Number.isInteger(action) && (action as number) >= 0 && (action as number) < actionCount;
  const isLikelihood = (propensity: unknown) => isAdmissible(propensity) && propensity > 0 && propensity <= 1;
  const usable = range(0, size).filter(
    (at) => isAction(actions[at]) && isAdmissible(rewards[at]) && isLikelihood(propensities[at]),
  );
  return {
    samples: samples.pick(usable),
    actions: Int32Array.from(usable, (at) => actions[at]!),
    rewards: Float64Array.from(usable, (at) => rewards[at]!),
    propensities: Float64Array.from(usable, (at) => propensities[at]!),
  };
}

function candidatesOf({ actions }: Decisions, actionCount: number, actionSamplesMin: number): number[] {
  const counts = new Int32Array(actionCount);
  for (const action of actions) counts[action]! += 1;
  return range(0, actionCount).filter((action) => counts[action]! >= Math.max(1, actionSamplesMin));
}

function grownModel(
  { samples }: Decisions,
  scores: Float64Array,
  { candidates, actionCount, tree: options }: StrategyInput & { readonly candidates: readonly number[] },
): StrategyModel {
  const advantages = advantagesOf(scores, actionCount, candidates);
  const grown = growTree(samples, advantages, candidates.length, { leafMin: 20, splitMin: 40, ...options });
  const tree = grown.simplified((node) => grown.greatestAt(node));
  return new StrategyModel({ actionCount, candidates, tree, errors: errorsOf(tree, samples, advantages) });
}

function evaluated(
  model: StrategyModel,
  samples: Samples,
  scores: Float64Array,
  {
    candidates,
    champion,
    baseline,
  }: Pick<StrategyInput, 'champion' | 'baseline'> & { readonly candidates: readonly number[] },
): StrategyEvaluation {
  const { actionCount } = model;
  const chosen = model.actionsFor(samples);
  const always = (action: number) => new Int32Array(samples.size).fill(action);
  const singles = range(0, actionCount).map((action) =>
    candidates.includes(action) ? valueOf(scores, actionCount, always(action)) : null,
  );
  const bestSingle = candidates.reduce((best, action) =>
    singles[action]!.value > singles[best]!.value ? action : best,
  );
  assert(
    champion === undefined || champion.actionCount === actionCount,
    'both choose among the same actions',
  );
  const byChampion = champion?.actionsFor(samples);
  const byBaseline = baseline !== undefined && candidates.includes(baseline) ? always(baseline) : undefined;
  const over = (one: Int32Array | undefined, other: Int32Array | undefined): Estimate | null =>
    one && other ? advantageOf(scores, actionCount, one, other) : null;
  return {
    policy: valueOf(scores, actionCount, chosen),
    singles,
    bestSingle,
    overBestSingle: advantageOf(scores, actionCount, chosen, always(bestSingle)),
    overBaseline: over(chosen, byBaseline),
    champion: byChampion ? valueOf(scores, actionCount, byChampion) : null,
    overChampion: over(chosen, byChampion),
    championOverBaseline: over(byChampion, byBaseline),
  };
}
