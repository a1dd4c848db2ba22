import { type Load, type Sample } from '../measure/closed-loop.js';

/** What every contestant is started with. */
export interface Ground {
  /** The broker of those that need one. */
  readonly natsUrl: string;
  /** A folder on the disk that is measured, for this contestant alone. */
  readonly folder: string;
}

/** Several processes that replicate a log, and somebody who drives them. */
export interface Contestant {
  readonly name: string;
  /** Measures commits. */
  readonly measure: (load: Load) => Promise<Sample>;
  /** Rejects when one of its processes ends by itself. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** What can be stopped and can fail. */
interface Part {
  failed(): Promise<never>;
  stop(): Promise<void>;
}

/** Rejects with the first of the parts that fails. */
export function firstFailure(parts: readonly Part[]): Promise<never> {
  const failed = Promise.race(parts.map((part) => part.failed()));
  // It is for whoever waits; nobody may be waiting yet, or any more.
  failed.catch(() => undefined);
  return failed;
}

export const stopAll = async (parts: readonly Part[]): Promise<void> => {
  await Promise.all(parts.map((part) => part.stop()));
};

const pollMs = 50;

/**
 * Tries again until the attempt gives something.
 * @throws what the last attempt failed with, after `withinMs`
 */
export async function untilGiven<T>(
  what: string,
  withinMs: number,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const given = await attempt().catch((error: unknown) => {
      if (performance.now() > deadline) throw error;
      return undefined;
    });
    if (given !== undefined) return given;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
