import {
  type Candidate,
  type Choice,
  choicesOf,
  type Estimate,
  featureNames,
  type Features,
  type GoalType,
  type StrategyModelSnapshot,
} from '@nexus/contracts';
import {
  describePath,
  type LinearModel,
  linearModelOf,
  type StrategyChoice,
  StrategyModel,
} from '@nexus/core/learning';
import { writeFeatures } from './features.js';

/** What is to be done in a situation, and why. */
export interface Advice {
  /** What the layer below does, unless the reason is `chosen`. */
  readonly choice: Choice;
  /**
   * `chosen` by the model; `no_gain`: it knows nothing better than what the layer below does; `unsure`: it is not sure enough
   * that what it knows is better.
   */
  readonly reason: 'chosen' | 'no_gain' | 'unsure';
  /** How likely what the model prefers is better than what the layer below does, 0 to 1; null where it prefers nothing. */
  readonly confidence: number | null;
  /** The path through the model, in words. */
  readonly reasoning: string;
}

/** The place of what the layer below does among the choices. */
const belowAt = 0;

/** How one quantity of one choice is predicted. */
interface Forecast {
  readonly model: LinearModel;
  readonly offsets: { readonly low: number; readonly high: number };
}

/** What is known of one choice. */
interface ChoiceForecasts {
  readonly choice: Choice;
  readonly samples: number;
  readonly duration: Forecast | undefined;
  readonly success: Forecast | undefined;
}

/** Predicts for one type of goal, by a model that was published. Nothing is allocated to find out what is best. */
export class StrategyPredictor {
  private readonly features = new Float64Array(featureNames.length);
  /** By leaf, made when it is first met: there are 32 at most. */
  private readonly reasonings = new Map<number, string>();

  private constructor(
    readonly snapshot: StrategyModelSnapshot,
    private readonly strategy: StrategyModel | undefined,
    private readonly forecasts: readonly ChoiceForecasts[],
  ) {}

  /** Undefined for a snapshot that is malformed. */
  static from(snapshot: StrategyModelSnapshot): StrategyPredictor | undefined {
    const strategy = snapshot.tree === null ? undefined : StrategyModel.restore(snapshot.tree);
    if (snapshot.tree !== null && strategy === undefined) return undefined;
    if (strategy && strategy.actionCount !== choicesOf[snapshot.type].length) return undefined;
    return new StrategyPredictor(snapshot, strategy, snapshot.choices.map(forecastsOf));
  }

  get type(): GoalType {
    return this.snapshot.type;
  }

  /**
   * What is best in a situation.
   * @param confidenceMin less sure it is not followed, 0 to 1
   */
  advise(features: Features, confidenceMin: number): Advice {
    const below = choicesOf[this.type][belowAt];
    if (!this.strategy) {
      const reasoning = 'nothing is better than what the layer below does';
      return { choice: below, reason: 'no_gain', confidence: null, reasoning };
    }
    const chosen = this.strategy.choose(writeFeatures(features, this.features));
    const reasoning = this.reasoningOf(this.strategy, chosen);
    // Against what would be done otherwise: of two that are both better it need not be known which one is best.
    const confidence = chosen.odds[belowAt] ?? null;
    if (chosen.action === belowAt || confidence === null) {
      return { choice: below, reason: 'no_gain', confidence: null, reasoning };
    }
    return confidence < confidenceMin
      ? { choice: below, reason: 'unsure', confidence, reasoning }
      : { choice: choicesOf[this.type][chosen.action]!, reason: 'chosen', confidence, reasoning };
  }

  /** What is to be expected of each choice in a situation. */
  candidates(features: Features): Candidate[] {
    const row = writeFeatures(features, this.features);
    return this.forecasts.map(({ choice, samples, duration, success }) => ({
      choice,
      samples,
      durationMs: duration ? within(duration, row, durationOf) : null,
      success: success ? within(success, row, shareOf) : null,
    }));
  }

  /** What it says, one line a case. */
  rules(): string[] {
    const { strategy } = this;
    if (!strategy) return [`always → ${choicesOf[this.type][belowAt]}, as the layer below`];
    return strategy.leaves().map((leaf) => this.reasoningOf(strategy, leaf));
  }

  private reasoningOf(strategy: StrategyModel, { leaf, action, odds, samples }: StrategyChoice): string {
    const known = this.reasonings.get(leaf);
    if (known !== undefined) return known;
    const path = describePath(strategy.pathOf(leaf), featureNames) || 'always';
    const choice = choicesOf[this.type][action]!;
    const odd = odds[belowAt] ?? null;
    const sure = odd === null ? '' : `${Math.round(odd * 100)} %, `;
    const reasoning =
      action === belowAt
        ? `${path} → ${choice}, as the layer below (${samples} samples)`
        : `${path} → ${choice} (${sure}${samples} samples)`;
    this.reasonings.set(leaf, reasoning);
    return reasoning;
  }
}

function forecastsOf({
  choice,
  samples,
  ...parts
}: StrategyModelSnapshot['choices'][number]): ChoiceForecasts {
  return {
    ...{ choice, samples },
    duration: forecastOf(parts.duration, parts.durationOffsets),
    success: forecastOf(parts.success, parts.successOffsets),
  };
}

function forecastOf(model: unknown, offsets: Forecast['offsets'] | null): Forecast | undefined {
  const linear = linearModelOf(model);
  return linear && offsets && linear.width === featureNames.length ? { model: linear, offsets } : undefined;
}

/** Null for what is no situation, as with numbers beyond all measure. */
function within(
  { model, offsets }: Forecast,
  row: Float64Array,
  read: (value: number) => number,
): Estimate | null {
  const expected = model.predict(row);
  if (Number.isNaN(expected)) return null;
  return { expected: read(expected), low: read(expected + offsets.low), high: read(expected + offsets.high) };
}

/** Durations are learned as logarithms: no prediction of theirs is below 0, and a slow one does not drown the others. */
const durationOf = (value: number): number => roundTo(Math.max(0, Math.expm1(Math.min(value, 20))), 1_000);
const shareOf = (value: number): number => roundTo(Math.min(1, Math.max(0, value)), 10_000);
const roundTo = (value: number, per: number): number => Math.round(value * per) / per;
