/** How hard, and how long at most: whichever bound is reached first ends the measurement. */
export interface Load {
  /** Calls under way at once. */
  readonly inFlight: number;
  readonly durationMs: number;
  readonly callsMax: number;
  /** What one call counts for in the rate. Default 1. */
  readonly unitsPerCall?: number;
}

/** One measurement. */
export interface Sample {
  readonly ratePerS: number;
  readonly latenciesMs: readonly number[];
  /** Where a latency is a mean over several: all of them. */
  readonly calls?: number;
}

/**
 * Calls again as soon as a call has returned, `inFlight` times side by side.
 * @throws what a call throws: a rate of failures would say nothing
 */
export async function closedLoop(call: () => Promise<unknown>, load: Load): Promise<Sample> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  let begun = 0;
  const lane = async () => {
    while (begun < load.callsMax && performance.now() - startedAt < load.durationMs) {
      begun += 1;
      const sentAt = performance.now();
      await call();
      latenciesMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, lane));
  const units = latenciesMs.length * (load.unitsPerCall ?? 1);
  return { ratePerS: (units * 1_000) / (performance.now() - startedAt), latenciesMs };
}
