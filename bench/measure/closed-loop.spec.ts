import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { closedLoop } from './closed-loop.js';

describe('closedLoop', () => {
  it('ends after the calls that it may make, with so many under way at once', async () => {
    let [calls, underWay, most] = [0, 0, 0];
    const call = async () => {
      calls += 1;
      underWay += 1;
      most = Math.max(most, underWay);
      await turn();
      underWay -= 1;
    };
    const sample = await closedLoop(call, { inFlight: 4, durationMs: 60_000, callsMax: 10 });
    expect([calls, most, sample.latenciesMs.length]).toEqual([10, 4, 10]);
    expect(sample.ratePerS).toBeGreaterThan(0);
  });

  it('fails with the first call that fails', async () => {
    const call = () => Promise.reject(new Error('no'));
    await expect(closedLoop(call, { inFlight: 2, durationMs: 1_000, callsMax: 10 })).rejects.toThrow('no');
  });
});
