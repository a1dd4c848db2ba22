import { NexusError } from '@nexus/contracts';
import { timerMsMax } from '@nexus/wire';
import { type Backoff, backoffMs } from '../connection/backoff.js';
import { type RetryBudget } from './retry-budget.js';

export interface RetryPolicy extends Backoff {
  /** Most repeats of one request; 0 for none. */
  readonly retriesMax: number;
}

export const retryDefaults: RetryPolicy = { retriesMax: 3, baseMs: 100, capMs: 2_000 };

/**
 * Faults that come before anything was accepted, and pass. What is `unavailable` without a time after which to try again
 * is so for good, as an option that this build of Nexus does not have.
 */
const passes = ({ code, retryAfterMs }: NexusError): boolean =>
  code === 'overloaded' || (code === 'unavailable' && retryAfterMs !== undefined);

export interface Attempt<T> {
  /** Tries once, within what is left. */
  run(remainingMs: number): Promise<T>;
  /** Whether the service has shown that it took the request; then it is not sent again. */
  accepted(): boolean;
}

export interface RetryBounds {
  /** Shared by all that one client asks. */
  readonly budget: RetryBudget;
  /** When the caller gives up, by `performance.now()`. */
  readonly deadlineMs: number;
  /** No repeat starts so shortly before the deadline, in milliseconds: it could not end in time. Default 0. */
  readonly graceMs?: number;
  /** Whether a fault may pass. Default: those that come before anything was accepted. */
  readonly passes?: (error: NexusError) => boolean;
  /** Cuts a wait short; the attempt after it sees the signal too, and says what became of it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an attempt until it succeeds, its fault is not one of those that come before acceptance, or time, repeats or
 * the client's budget for them are used up; the last fault is thrown.
 */
export async function retrying<T>(policy: RetryPolicy, attempt: Attempt<T>, bounds: RetryBounds): Promise<T> {
  const mayPass = bounds.passes ?? passes;
  bounds.budget.earn();
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt.run(Math.max(1, bounds.deadlineMs - performance.now()));
    } catch (cause) {
      const error = NexusError.from(cause);
      if (attempt.accepted() || retries >= policy.retriesMax || !mayPass(error)) throw error;
      const waitMs = backoffMs(policy, retries, error.retryAfterMs);
      if (performance.now() + waitMs >= bounds.deadlineMs - (bounds.graceMs ?? 0)) throw error;
      // Last, so that only a repeat that is made is paid for.
      if (!bounds.budget.spend()) throw error;
      await sleep(waitMs, bounds.signal);
    }
  }
}

/** Waits, or less when the signal aborts. */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, timerMsMax));
    signal?.addEventListener('abort', done, { once: true });
  });
}
