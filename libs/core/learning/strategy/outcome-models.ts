import { fitRidge } from '../regression/ridge.js';
import { type Samples } from '../samples/samples.js';
import { growTree } from '../tree/growing.js';

/** Logged decisions, in the order of time: what was known, what was done, how likely that was, what came of it. */
export interface Decisions {
  /** Their places among those that were given. */
  readonly rows: Int32Array;
  readonly samples: Samples;
  readonly actions: Int32Array;
  readonly propensities: Float64Array;
  readonly rewards: Float64Array;
}

/** Outcomes of an action that are enough to grow a tree of them, and those below which a mean says as much as a line. */
const treeSamplesMin = 40;
const lineSamplesMin = 10;
/** Small: it only has to tell situations apart that differ much. */
const treeOptions = { depthMax: 4, leafMin: 8, splitMin: 16 };
/** How much weights are held back: they only fill in what was not tried. */
const lambda = 5;

/** What is expected of an action for the row of `samples` at `at`. */
type OutcomeModel = (samples: Samples, at: number) => number;

/** The decisions at `indexes`. */
export const pickDecisions = (
  { rows, samples, actions, propensities, rewards }: Decisions,
  indexes: readonly number[],
): Decisions => ({
  rows: Int32Array.from(indexes, (at) => rows[at]!),
  samples: samples.pick(indexes),
  actions: Int32Array.from(indexes, (at) => actions[at]!),
  propensities: Float64Array.from(indexes, (at) => propensities[at]!),
  rewards: Float64Array.from(indexes, (at) => rewards[at]!),
});

/**
 * What came of each action, as a tree where there is enough to grow one, as fleets differ in kind and not by degrees; else
 * as a line, and where it was hardly tried, as what comes of decisions in general. The closer that is, the fewer trials it
 * takes to compare actions.
 */
export class OutcomeModels {
  private readonly models: readonly OutcomeModel[];

  constructor(decisions: Decisions, actionCount: number) {
    const { samples, actions, rewards } = decisions;
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);
    this.models = Array.from({ length: actionCount }, (_, action) => {
      const rows = [...actions.keys()].filter((at) => actions[at] === action);
      return modelOf(
        samples.pick(rows),
        Float64Array.from(rows, (at) => rewards[at]!),
        mean,
      );
    });
  }

  /** Writes what is expected of each action for sample `at` to the row of `out` at `to`. */
  predictInto(samples: Samples, at: number, out: Float64Array, to: number): void {
    for (const [action, model] of this.models.entries()) {
      out[to * this.models.length + action] = model(samples, at);
    }
  }
}

function modelOf(samples: Samples, rewards: Float64Array, mean: number): OutcomeModel {
  if (samples.size >= treeSamplesMin) {
    const tree = growTree(samples, rewards, 1, treeOptions);
    return ({ values, width }, at) => tree.meanAt(tree.leafOfRow(values, at * width), 0);
  }
  if (samples.size < lineSamplesMin) return () => mean;
  const line = fitRidge(samples, rewards, { lambda });
  return ({ values, width }, at) => line.predictRow(values, at * width);
}
