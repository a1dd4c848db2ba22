import { type LoadTable, type Predictor } from '@nexus/core/balancing';
import { type ModelFollower } from './model-follower.js';

/** The published latency model, for as long as it is fresh. */
export class FreshLatency implements Predictor {
  constructor(private readonly models: Pick<ModelFollower, 'latency' | 'isStale'>) {}

  get usable(): boolean {
    return this.models.latency?.usable === true && !this.models.isStale;
  }

  get errorLog(): number {
    return this.models.latency?.errorLog ?? 0;
  }

  predictMs(table: LoadTable, slot: number, nowMs: number): number {
    return this.models.latency?.predictMs(table, slot, nowMs) ?? NaN;
  }
}
