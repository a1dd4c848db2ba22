import { fitRidge } from '../regression/ridge.js';
import { type LinearModel } from '../regression/linear-model.js';
import { type Samples } from '../samples/samples.js';

/** Logged decisions, in the order of time: what was known, what was done, how likely that was, what came of it. */
export interface Decisions {
  readonly samples: Samples;
  readonly actions: Int32Array;
  readonly propensities: Float64Array;
  readonly rewards: Float64Array;
}

/** Samples of an action below which a mean says as much as a line. */
const lineSamplesMin = 10;
/** How much weights are held back: they only fill in what was not tried. */
const lambda = 5;

/** The decisions at `indexes`. */
export const pickDecisions = (
  { samples, actions, propensities, rewards }: Decisions,
  indexes: readonly number[],
): Decisions => ({
  samples: samples.pick(indexes),
  actions: Int32Array.from(indexes, (at) => actions[at]!),
  propensities: Float64Array.from(indexes, (at) => propensities[at]!),
  rewards: Float64Array.from(indexes, (at) => rewards[at]!),
});

/** Of each action a line through what came of it; where it was hardly tried, what comes of decisions in general. */
export class OutcomeModels {
  private readonly models: (LinearModel | undefined)[];
  private readonly mean: number;

  constructor(
    decisions: Decisions,
    private readonly actionCount: number,
  ) {
    const { samples, actions, rewards } = decisions;
    this.mean = rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);
    this.models = Array.from({ length: actionCount }, (_, action) => {
      const rows = [...actions.keys()].filter((at) => actions[at] === action);
      if (rows.length < lineSamplesMin) return undefined;
      const own = rows.map((at) => rewards[at]!);
      return fitRidge(samples.pick(rows), own, { lambda });
    });
  }

  /** Writes what is expected of each action for sample `at` to the row of `out` at `to`. */
  predictInto(samples: Samples, at: number, out: Float64Array, to: number): void {
    const from = at * samples.width;
    for (let action = 0; action < this.actionCount; action++) {
      out[to * this.actionCount + action] =
        this.models[action]?.predictRow(samples.values, from) ?? this.mean;
    }
  }
}
