import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { relayTimes } from './relay-times.js';

describe('relayTimes', () => {
  it('leaves each less than whoever waits for it has, and something to all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 600_000 }), (withinMs) => {
        const { relayBudgetMs, targetBudgetMs, silenceMs, beatMs } = relayTimes(withinMs);
        expect(targetBudgetMs).toBeGreaterThan(0);
        expect(targetBudgetMs).toBeLessThan(relayBudgetMs);
        expect(relayBudgetMs).toBeLessThan(withinMs);
        // An agent remembers what it was told over a relay for twice as long as it had for it.
        expect(2 * targetBudgetMs).toBeGreaterThanOrEqual(withinMs);
        expect(Number.isInteger(beatMs) && beatMs > 0 && 2 * beatMs < silenceMs).toBe(true);
      }),
    );
  });

  it('takes a twentieth for each way of the default, and a tenth for a relay to be heard of', () => {
    const expected = { relayBudgetMs: 4_500, targetBudgetMs: 4_250, silenceMs: 500, beatMs: 167 };
    expect(relayTimes(5_000)).toEqual(expected);
  });
});
