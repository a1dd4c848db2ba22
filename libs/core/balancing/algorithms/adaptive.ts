import { type Balancer } from '../balancer.js';
import { Cheapest, type CheapestOptions, type Cost } from '../cheapest.js';
import { type PickRequest } from '../pick-request.js';
import { type LoadTable } from '../table/load-table.js';

/** Port: a model that knows how long work would take at an agent. */
export interface Predictor {
  /** Whether there is a model to ask, right now. */
  readonly usable: boolean;
  /**
   * How far off it is: the mean absolute error of the logarithm, on work that it had not seen, ≥ 0. Predictions that differ
   * by less differ by chance.
   */
  readonly errorLog: number;
  /** Milliseconds to an answer, if the agent got one piece of work more now; NaN when the model cannot say. */
  predictMs(table: LoadTable, slot: number, nowMs: number): number;
}

/** However wrong a model is, chance makes one agent look at most twice as slow as another. */
const chanceMax = 1;

class PredictedCost implements Cost {
  private missed = 0;

  constructor(private readonly predictor: Predictor) {}

  get usable(): boolean {
    return this.predictor.usable;
  }

  /** Counts the times that the model could not say. */
  get misses(): number {
    return this.missed;
  }

  /** What the model cannot tell apart chance decides: else whoever seems a little faster would get everything. */
  of(table: LoadTable, slot: number, request: PickRequest): number {
    const { nowMs } = request;
    const predictedMs = this.predictor.predictMs(table, slot, nowMs);
    if (!(predictedMs >= 0 && predictedMs < Infinity)) this.missed++;
    const chance = 1 + Math.min(this.predictor.errorLog, chanceMax) * request.random();
    return (predictedMs * chance) / table.successShare(slot, nowMs);
  }
}

/** What the model says is fastest; resource-aware without a model, and where it does not know one of those compared. */
export class Adaptive implements Balancer {
  readonly name = 'adaptive';
  private readonly predicted: PredictedCost | undefined;
  private readonly cheapest: Balancer;

  constructor(
    options: Pick<CheapestOptions, 'choices' | 'scanMax'>,
    private readonly fallback: Balancer,
    predictor?: Predictor,
  ) {
    this.predicted = predictor && new PredictedCost(predictor);
    this.cheapest = this.predicted
      ? new Cheapest({ ...options, name: this.name, cost: this.predicted })
      : fallback;
  }

  pick(request: PickRequest): number {
    if (!this.predicted?.usable) return this.fallback.pick(request);
    const { misses } = this.predicted;
    const slot = this.cheapest.pick(request);
    return this.predicted.misses === misses ? slot : this.fallback.pick(request);
  }
}
