export interface Backoff {
  /** Widest first delay, in milliseconds; it doubles with every attempt. */
  readonly baseMs: number;
  /** Widest delay ever, in milliseconds. */
  readonly capMs: number;
}

/**
 * Full jitter under a doubling, capped bound, so that many who failed together do not return together. What the peer
 * asked for comes on top: it is the earliest useful moment.
 * @param attempt 0 for the first retry
 * @param random a number from 0 to 1, below 1
 */
export function backoffMs(
  backoff: Backoff,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number = Math.random(),
): number {
  const bound = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
  return Math.round((retryAfterMs ?? 0) + random * bound);
}
