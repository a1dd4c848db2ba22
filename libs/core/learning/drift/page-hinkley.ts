import { assert } from '@nexus/core/invariant';

export interface PageHinkleyOptions {
  /** What the mean may be off by without a word, in the unit of the numbers. Default 0.25. */
  readonly delta?: number;
  /** How much must come together beyond that. Greater is slower and seldom wrong. Default 30. */
  readonly lambda?: number;
}

/** Whether the mean of the numbers has changed, and which way. */
export type Drift = 'none' | 'up' | 'down';

/**
 * Sums up how far numbers are from their mean so far, on either side. Chance cancels out in such a sum; a change of the mean
 * does not, and sooner or later exceeds any bound.
 * Source: E. Page, "Continuous Inspection Schemes", Biometrika 41 (1954); D. Hinkley, Biometrika 58 (1971).
 */
export class PageHinkley {
  private readonly delta: number;
  private readonly lambda: number;
  private mean = 0;
  private count = 0;
  private up = 0;
  private down = 0;

  constructor({ delta = 0.25, lambda = 30 }: PageHinkleyOptions = {}) {
    assert(delta >= 0 && lambda > 0, 'there is a bound, and what is tolerated is not below 0');
    this.delta = delta;
    this.lambda = lambda;
  }

  /** @param value finite. After a drift it begins anew. */
  add(value: number): Drift {
    this.count += 1;
    this.mean += (value - this.mean) / this.count;
    this.up = Math.max(0, this.up + value - this.mean - this.delta);
    this.down = Math.max(0, this.down + this.mean - value - this.delta);
    const drift = this.up > this.lambda ? 'up' : this.down > this.lambda ? 'down' : 'none';
    if (drift !== 'none') this.reset();
    return drift;
  }

  reset(): void {
    this.mean = 0;
    this.count = 0;
    this.up = 0;
    this.down = 0;
  }
}
