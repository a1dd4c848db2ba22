/** A load that does not wait for answers, as that of many independent callers. */
export interface OpenLoad {
  /** Requests a second, on average. */
  readonly ratePerS: number;
  readonly durationMs: number;
  /** Uniform in [0, 1): decides when requests are made. */
  readonly random: () => number;
}

/** How one request ended; `expired` is without an answer in its time. */
export type Ending = 'done' | 'failed' | 'expired';

export interface OpenSample {
  /** From when a request was to be made until it ended; of those that failed with an answer, none. */
  readonly latenciesMs: readonly number[];
  readonly endings: Readonly<Record<Ending, number>>;
  /** How late each request was made: much of that, and the machine was too small for whoever asked. */
  readonly latenessMs: readonly number[];
}

/**
 * Makes requests at moments that were drawn beforehand (a Poisson process), whether earlier ones have ended or not. Times
 * count from the moment drawn, not from when the request could be made: a stall of whoever asks, or of the one asked,
 * then shows in the times of all that would have come meanwhile. A closed loop would leave those out, and call that
 * a good time (coordinated omission).
 */
export async function openLoop(
  request: (index: number) => Promise<Ending>,
  { ratePerS, durationMs, random }: OpenLoad,
): Promise<OpenSample> {
  const latenciesMs: number[] = [];
  const latenessMs: number[] = [];
  const endings: Record<Ending, number> = { done: 0, failed: 0, expired: 0 };
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  const gapMs = () => (-Math.log(1 - random()) * 1_000) / ratePerS;
  let count = 0;
  for (let dueMs = gapMs(); dueMs < durationMs; dueMs += gapMs()) {
    const dueAt = startedAt + dueMs;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    latenessMs.push(performance.now() - dueAt);
    const ended = request(count).then((ending) => {
      endings[ending] += 1;
      if (ending !== 'failed') latenciesMs.push(performance.now() - dueAt);
      underWay.delete(ended);
    });
    underWay.add(ended);
    count += 1;
  }
  await Promise.all(underWay);
  return { latenciesMs, endings, latenessMs };
}
