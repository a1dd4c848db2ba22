import { describe, expect, it } from '@jest/globals';
import { openLoop } from './open-loop.js';

/** The same every time: gaps of one mean each. */
const steady = () => 1 - 1 / Math.E;

describe('openLoop', () => {
  it('makes as many requests as are due, whether earlier ones have ended or not', async () => {
    const due = 20;
    let allMade: () => void = () => undefined;
    const made = new Promise<void>((resolve) => (allMade = resolve));
    const request = async (index: number) => {
      // None ends before the last is made: a loop that waited for one would wait for ever.
      if (index === due - 1) allMade();
      await made;
      return 'done' as const;
    };
    const sample = await openLoop(request, { ratePerS: 200, durationMs: 103, random: steady });
    expect(sample.endings).toEqual({ done: due, failed: 0, expired: 0 });
    expect(sample.latenciesMs).toHaveLength(due);
  });

  it('counts times from when a request was due, so that a stall shows in all that it held up', async () => {
    const stallMs = 300;
    const request = (index: number) => {
      // Whoever asks is held up itself, once.
      if (index === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
      return Promise.resolve('done' as const);
    };
    const { latenciesMs, latenessMs } = await openLoop(request, {
      ratePerS: 100,
      durationMs: 105,
      random: steady,
    });
    expect(latenciesMs).toHaveLength(10);
    // The last was due 90 ms after the first, and had to wait for the rest of the stall.
    expect(Math.min(...latenciesMs)).toBeGreaterThan(stallMs - 100);
    expect(Math.min(...latenessMs.slice(1))).toBeGreaterThan(stallMs - 100);
  });

  it('has no times of those that failed with an answer: failing fast is no merit', async () => {
    const request = (index: number) =>
      Promise.resolve(index % 2 ? ('failed' as const) : ('expired' as const));
    const { endings, latenciesMs } = await openLoop(request, {
      ratePerS: 1_000,
      durationMs: 10.5,
      random: steady,
    });
    expect(endings).toEqual({ done: 0, failed: 5, expired: 5 });
    expect(latenciesMs).toHaveLength(5);
  });
});
