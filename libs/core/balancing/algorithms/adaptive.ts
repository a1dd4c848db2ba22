import { type Balancer } from '../balancer.js';
import { Cheapest, type CheapestOptions, type Cost } from '../cheapest.js';
import { type PickRequest } from '../pick-request.js';
import { type LoadTable } from '../table/load-table.js';

/** Port: a model that knows how long work would take at an agent. */
export interface Predictor {
  /** Milliseconds to an answer, if the agent got one piece of work more now; NaN when the model cannot say. */
  predictMs(table: LoadTable, slot: number, nowMs: number): number;
}

class PredictedCost implements Cost {
  private missed = 0;

  constructor(private readonly predictor: Predictor) {}

  /** Counts the times that the model could not say. */
  get misses(): number {
    return this.missed;
  }

  of(table: LoadTable, slot: number, { nowMs }: PickRequest): number {
    const predictedMs = this.predictor.predictMs(table, slot, nowMs);
    if (!(predictedMs >= 0 && predictedMs < Infinity)) this.missed++;
    return predictedMs / table.successShare(slot, nowMs);
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
    if (!this.predicted) return this.fallback.pick(request);
    const { misses } = this.predicted;
    const slot = this.cheapest.pick(request);
    return this.predicted.misses === misses ? slot : this.fallback.pick(request);
  }
}
