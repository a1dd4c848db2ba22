/*
 * A retry helps against a fault of one agent and harms against overload, and nobody can tell the two apart from one
 * refusal. A budget can: a few faults stay within it, an overloaded fleet exhausts it at once, and the load that
 * retries add is bounded whatever happens. A tenth of the requests is the per-client ratio of Google's "Site
 * Reliability Engineering", chapter 21 ("Handling Overload"); the floor of three, so that a handful of requests may
 * be retried at all, is Envoy's default `min_retry_concurrency`.
 */
import { assert } from '@nexus/core/invariant';

export interface RetryBudgetOptions {
  /** First tries that the budget is for, an integer ≥ 0. */
  requests: number;
  /** Retries a request, 0 to 1. Higher heals more single faults and feeds more of a storm. Default 0.1. */
  ratio?: number;
  /** Retries allowed on top, however few the requests; an integer ≥ 0. Default 3. */
  floor?: number;
}

/** Retries that one batch of requests may spend: `floor + ratio × requests`. */
export class RetryBudget {
  private remaining: number;

  constructor({ requests, ratio = 0.1, floor = 3 }: RetryBudgetOptions) {
    assert(Number.isSafeInteger(requests) && requests >= 0, 'requests are a non-negative integer');
    assert(ratio >= 0 && ratio <= 1, 'the retry ratio lies between 0 and 1');
    assert(Number.isSafeInteger(floor) && floor >= 0, 'the retry floor is a non-negative integer');
    this.remaining = floor + Math.floor(ratio * requests);
  }

  /** Retries that are left. */
  get left(): number {
    return this.remaining;
  }

  /** Spends one retry; false, and nothing spent, when none is left. */
  take(): boolean {
    if (this.remaining === 0) return false;
    this.remaining--;
    return true;
  }
}
