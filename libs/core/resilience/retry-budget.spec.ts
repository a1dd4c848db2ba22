import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget } from './index.js';

describe('RetryBudget', () => {
  it('allows a tenth of the requests and three on top', () => {
    expect(new RetryBudget({ requests: 0 }).left).toBe(3);
    expect(new RetryBudget({ requests: 100 }).left).toBe(13);
    expect(new RetryBudget({ requests: 10_000, ratio: 0, floor: 0 }).take()).toBe(false);
  });

  it('never allows more than it was given, however often it is asked', () => {
    const options = fc.record({
      requests: fc.nat({ max: 500 }),
      ratio: fc.double({ min: 0, max: 1, noNaN: true }),
      floor: fc.nat({ max: 5 }),
    });
    fc.assert(
      fc.property(options, ({ requests, ratio, floor }) => {
        const budget = new RetryBudget({ requests, ratio, floor });
        const asked = Array.from({ length: requests + 10 }, () => budget.take());
        expect(asked.filter(Boolean)).toHaveLength(floor + Math.floor(ratio * requests));
        expect(budget.left).toBe(0);
      }),
    );
  });

  it.each([
    { requests: -1 },
    { requests: 1, ratio: 2 },
    { requests: 1, ratio: NaN },
    { requests: 1, floor: 0.5 },
  ])('is a defect with %j', (options) => {
    expect(() => new RetryBudget(options)).toThrow();
  });
});
