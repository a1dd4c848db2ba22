import {
  advantageOf,
  doublyRobustScores,
  type Estimate,
  fitRidge,
  growTree,
  type Samples,
  type StrategyModel,
  valueOf,
} from '@nexus/core/learning';
import { isLater } from '../history/told-outcome.js';
import { type TrainingWindow } from './training-window.js';

/** Times that what is compared must have been tried among the outcomes that judge. */
const trialsMin = 10;
/** Utility is from 0 to 1: a greater gain is an artefact of what was seldom tried. */
const gainMax = 1;

/** How strategies compare on outcomes that none of them was fitted to, in utility. */
export class Judge {
  private readonly scores: Float64Array;
  private readonly rows: readonly number[];

  /** @param after only outcomes after this one judge; those before the hold-out never do */
  constructor(
    private readonly window: TrainingWindow,
    after = '',
  ) {
    const { features, trainSize, choices, ids } = window;
    this.rows = Array.from({ length: features.size - trainSize }, (_, at) => trainSize + at).filter((row) =>
      isLater(ids[row]!, after),
    );
    this.scores = doublyRobustScores({
      rewards: this.rows.map((row) => window.rewards[row]!),
      actions: this.rows.map((row) => window.actions[row]!),
      propensities: this.rows.map((row) => window.propensities[row]!),
      predicted: predictionsOf(window, this.rows),
      actionCount: choices.length,
    });
  }

  /** Outcomes that judge. */
  get size(): number {
    return this.rows.length;
  }

  /** What a tree, or for undefined the layer below, would have brought. */
  value(tree: StrategyModel | undefined): Estimate {
    return valueOf(this.scores, this.actionCount, this.chosenBy(tree));
  }

  /** How much more one brings than another, outcome by outcome; undefined where too little was tried to say. */
  gain(tree: StrategyModel | undefined, over: StrategyModel | undefined): Estimate | undefined {
    const one = this.chosenBy(tree);
    const other = this.chosenBy(over);
    const compared = new Set<number>();
    for (const [at, action] of one.entries()) {
      if (action !== other[at]) compared.add(action).add(other[at]!);
    }
    const gain = advantageOf(this.scores, this.actionCount, one, other);
    const isTried = [...compared].every((action) => this.trialsOf(action) >= trialsMin);
    return isTried && Math.abs(gain.value) <= gainMax ? gain : undefined;
  }

  private trialsOf(action: number): number {
    return this.rows.filter((row) => this.window.actions[row] === action).length;
  }

  private get actionCount(): number {
    return this.window.choices.length;
  }

  private chosenBy(tree: StrategyModel | undefined): Int32Array {
    const { features } = this.window;
    return Int32Array.from(this.rows, (row) => tree?.choose(features.rowAt(row)).action ?? 0);
  }
}

/** Outcomes of a choice that are enough to grow a tree of them. */
const grownMin = 40;
/** Small: it only has to tell situations apart that differ much. */
const treeOptions = { depthMax: 4, leafMin: 8, splitMin: 16 };

/**
 * What the earlier outcomes of each choice say of the later ones. The closer that is, the fewer trials it takes to judge: a
 * tree where there is enough to grow one, as fleets differ in kind and not by degrees, else a line.
 */
function predictionsOf(window: TrainingWindow, rows: readonly number[]): Float64Array {
  const { features, actions, rewards, trainSize, choices } = window;
  const earlier = Array.from({ length: trainSize }, (_, row) => row);
  const mean = earlier.reduce((sum, row) => sum + rewards[row]!, 0) / Math.max(1, trainSize);
  const predictors = choices.map((_, action) => {
    const taken = earlier.filter((row) => actions[row] === action);
    return rewardModel(
      features.pick(taken),
      taken.map((row) => rewards[row]!),
      mean,
    );
  });
  return Float64Array.from(rows.flatMap((row) => predictors.map((predict) => predict(features.rowAt(row)))));
}

function rewardModel(
  samples: Samples,
  rewards: readonly number[],
  mean: number,
): (row: Float64Array) => number {
  if (samples.size >= grownMin) {
    const tree = growTree(samples, Float64Array.from(rewards), 1, treeOptions);
    return (row) => tree.meanAt(tree.leafOf(row), 0);
  }
  if (samples.size < samples.width) return () => mean;
  const line = fitRidge(samples, rewards);
  return (row) => line.predict(row);
}
