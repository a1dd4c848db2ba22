/*
 * The same budget for a stream of requests instead of a batch: every request earns a fraction of a retry, and a trickle is
 * granted whatever happens, so that a quiet client may retry too. What is saved up is bounded: a fleet that was well for
 * an hour must not be hit by an hour's worth of retries. The shape is that of Finagle's `RetryBudget`.
 */
import { assert } from '@nexus/core/invariant';

export interface FlowingRetryBudgetOptions {
  /** Retries that each request earns, 0 to 1. Default 0.1. */
  ratio?: number;
  /** Retries a second that are granted on top. Default 10. */
  perSecond?: number;
  /** Most retries that can be saved up. Default 100. */
  savedMax?: number;
}

/** What applies unless told otherwise. */
export const flowingRetryDefaults = { ratio: 0.1, perSecond: 10, savedMax: 100 } as const;

/** Retries that a stream of requests may spend. */
export class FlowingRetryBudget {
  private readonly ratio: number;
  private readonly perSecond: number;
  private readonly savedMax: number;
  private saved: number;
  private asOfMs = -Infinity;

  constructor(options: FlowingRetryBudgetOptions = {}) {
    const { ratio, perSecond, savedMax } = { ...flowingRetryDefaults, ...options };
    assert(ratio >= 0 && ratio <= 1, 'the retry ratio lies between 0 and 1');
    assert(perSecond >= 0 && savedMax >= perSecond, 'what is granted in a second can be saved up');
    this.ratio = ratio;
    this.perSecond = perSecond;
    this.savedMax = savedMax;
    this.saved = perSecond;
  }

  /** Notes first tries. */
  earn(requests: number): void {
    this.saved = Math.min(this.savedMax, this.saved + this.ratio * requests);
  }

  /**
   * Spends one retry; false, and nothing spent, when there is none.
   * @param nowMs milliseconds that never go back
   */
  take(nowMs: number): boolean {
    if (nowMs > this.asOfMs) {
      if (this.asOfMs !== -Infinity) {
        const granted = ((nowMs - this.asOfMs) / 1_000) * this.perSecond;
        this.saved = Math.min(this.savedMax, this.saved + granted);
      }
      this.asOfMs = nowMs;
    }
    if (this.saved < 1) return false;
    this.saved -= 1;
    return true;
  }
}
