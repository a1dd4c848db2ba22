/*
 * Which strategy fits which situation? A tree that is grown from the strategies that were used learns habits. This one is
 * grown from what came of them: for each past decision it is estimated what every strategy would have brought, and the tree
 * asks what decides between them.
 */
import { assert } from '@nexus/core/invariant';
import { isAdmissible } from '../numbers/admissible.js';
import { type Insufficient } from '../samples/insufficient.js';
import { type Samples } from '../samples/samples.js';
import { growTree, type TreeOptions } from '../tree/growing.js';
import { type Decisions } from './outcome-models.js';
import { advantagesOf, crossFittedScores } from './scores.js';
import { errorsOf, StrategyModel } from './strategy-model.js';

export interface StrategyInput extends StrategyOptions {
  /** What was known at each decision, in the order of time. */
  readonly samples: Samples;
  /** What was done, 0 up to `actionCount - 1`. */
  readonly actions: ArrayLike<number>;
  readonly rewards: ArrayLike<number>;
  /** How likely that was, above 0 and up to 1. A decision with anything else in these three is left out. */
  readonly propensities: ArrayLike<number>;
}

export interface StrategyOptions {
  readonly actionCount: number;
  /** Decisions that are needed at all. Default 100. */
  readonly samplesMin?: number;
  /** Times that an action must have been tried to be chosen by the model. Default 20. */
  readonly actionSamplesMin?: number;
  /** Scores are noisy: by default a leaf has 20 samples, and 40 are parted at least. */
  readonly tree?: TreeOptions;
}

export interface FittedStrategy {
  readonly kind: 'fitted';
  readonly model: StrategyModel;
}

/** `of` says what is too few: decisions, or actions that were tried often enough. */
export interface InsufficientDecisions extends Insufficient {
  readonly of: 'samples' | 'actions';
}

/**
 * Likelihoods below count as this, so that what was seldom tried corrects what the models of outcomes say five times at most.
 * A tree grown from the full corrections would mostly see their noise. What that bias spoils the validation tells.
 * Source: Y. Su and others, "Doubly Robust Off-Policy Evaluation with Shrinkage", ICML 2020.
 */
const propensityMin = 0.2;

/**
 * Fits a strategy to logged decisions. The rewards should be winsorised, and no source heard beyond its quota, where reports
 * may be wrong. How good it is must be told by other decisions: see `ProgressiveValidation`.
 */
export function fitStrategy(input: StrategyInput): FittedStrategy | InsufficientDecisions {
  const { actionCount, samplesMin = 100, actionSamplesMin = 20 } = input;
  const decisions = usableDecisions(input);
  const have = decisions.samples.size;
  const need = Math.max(4, samplesMin);
  if (have < need) return { kind: 'insufficient', of: 'samples', have, need };
  const candidates = candidatesOf(decisions, actionCount, actionSamplesMin);
  if (candidates.length < 2) {
    return { kind: 'insufficient', of: 'actions', have: candidates.length, need: 2 };
  }
  const scores = crossFittedScores(decisions, { actionCount, propensityMin });
  const advantages = advantagesOf(scores, actionCount, candidates);
  const { samples } = decisions;
  const options = { leafMin: 20, splitMin: 40, ...input.tree };
  const grown = growTree(samples, advantages, candidates.length, options);
  const tree = grown.simplified((node) => grown.greatestAt(node));
  const errors = errorsOf(tree, samples, advantages);
  return { kind: 'fitted', model: new StrategyModel({ actionCount, candidates, tree, errors }) };
}

/** Those that can be learnt from. */
export function usableDecisions({
  samples,
  actions,
  rewards,
  propensities,
  actionCount,
}: StrategyInput): Decisions {
  assert(Number.isInteger(actionCount) && actionCount >= 1, 'there is an action');
  const { size } = samples;
  assert(
    actions.length === size && rewards.length === size && propensities.length === size,
    'each sample has its action, its reward and its likelihood',
  );
  const isAction = (action: unknown) =>
    Number.isInteger(action) && (action as number) >= 0 && (action as number) < actionCount;
  const isLikelihood = (propensity: unknown) => isAdmissible(propensity) && propensity > 0 && propensity <= 1;
  const usable = Array.from({ length: size }, (_, at) => at).filter(
    (at) => isAction(actions[at]) && isAdmissible(rewards[at]) && isLikelihood(propensities[at]),
  );
  return {
    rows: Int32Array.from(usable),
    samples: samples.pick(usable),
    actions: Int32Array.from(usable, (at) => actions[at]!),
    rewards: Float64Array.from(usable, (at) => rewards[at]!),
    propensities: Float64Array.from(usable, (at) => propensities[at]!),
  };
}

function candidatesOf({ actions }: Decisions, actionCount: number, actionSamplesMin: number): number[] {
  const counts = new Int32Array(actionCount);
  for (const action of actions) counts[action]! += 1;
  return [...counts.keys()].filter((action) => counts[action]! >= Math.max(1, actionSamplesMin));
}
