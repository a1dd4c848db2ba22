import { setTimeout as pause } from 'node:timers/promises';

/** Something that had to happen in time did not. It is the trial's verdict, not a fault of the trial. */
export class DidNotHappen extends Error {
  override readonly name = 'DidNotHappen';
}

export interface Patience {
  readonly withinMs: number;
  /** Default 10 ms. */
  readonly everyMs?: number;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
}

/**
 * Looks again and again until there is something.
 * @throws DidNotHappen when there is nothing within the time, the signal's reason when it is aborted
 */
export async function until<T>(
  what: string,
  { withinMs, everyMs = 10, signal }: Patience,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new DidNotHappen(`not within ${withinMs} ms: ${what}`);
    await pause(everyMs, undefined, { signal });
  }
}
