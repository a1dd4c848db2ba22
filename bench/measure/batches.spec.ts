import { describe, expect, it } from '@jest/globals';
import { inBatches } from './batches.js';

describe('work in batches', () => {
  it('is done as often as it is counted, and takes the time that a batch takes by the call', () => {
    let calls = 0;
    const { ratePerS, latenciesMs } = inBatches(() => (calls += 1), { durationMs: 20, unitsPerCall: 3 });
    const tookMs = (latenciesMs.length * 1_000) / ratePerS;
    expect(calls).toBeGreaterThan(latenciesMs.length);
    expect(ratePerS).toBeGreaterThan(3_000);
    expect(tookMs).toBeGreaterThan(0);
    expect(Math.max(...latenciesMs)).toBeLessThan(1);
  });
});
