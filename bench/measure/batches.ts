import { type Sample } from './closed-loop.js';

export interface BatchLoad {
  readonly durationMs: number;
  /** What one call of the work counts for in the rate. Default 1. */
  readonly unitsPerCall?: number;
}

/** Long beside the clock's resolution, short beside a measurement. */
const batchMs = 1;
const batchMax = 1_000_000;

/** How often work that needs no waiting can be done; times are means of a millisecond's worth of it. */
export function inBatches(work: () => void, { durationMs, unitsPerCall = 1 }: BatchLoad): Sample {
  const batch = batchOf(work);
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  let atMs = startedAt;
  while (atMs - startedAt < durationMs) {
    for (let call = 0; call < batch; call += 1) work();
    const nowMs = performance.now();
    latenciesMs.push((nowMs - atMs) / batch);
    atMs = nowMs;
  }
  const calls = latenciesMs.length * batch;
  return { ratePerS: (calls * unitsPerCall * 1_000) / (atMs - startedAt), latenciesMs, calls };
}

function batchOf(work: () => void): number {
  for (let batch = 1; batch < batchMax; batch *= 2) {
    const startedAt = performance.now();
    for (let call = 0; call < batch; call += 1) work();
    if (performance.now() - startedAt >= batchMs) return batch;
  }
  return batchMax;
}
