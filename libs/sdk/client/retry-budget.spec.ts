import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.js';

/** Spends until refused; how many repeats that were. */
function spendAll(budget: RetryBudget): number {
  let repeats = 0;
  while (budget.spend()) repeats += 1;
  return repeats;
}

const earn = (budget: RetryBudget, requests: number) => {
  for (let request = 0; request < requests; request += 1) budget.earn();
};

describe('RetryBudget', () => {
  it('has ten repeats at the start', () => {
    expect(spendAll(new RetryBudget())).toBe(10);
  });

  it('earns a repeat with ten requests, and none with nine', () => {
    const budget = new RetryBudget();
    spendAll(budget);
    earn(budget, 9);
    expect(budget.spend()).toBe(false);
    earn(budget, 1);
    expect(budget.spend()).toBe(true);
    expect(budget.spend()).toBe(false);
  });

  it('saves up ten repeats and no more, however long nothing fails', () => {
    const budget = new RetryBudget();
    earn(budget, 10_000);
    expect(spendAll(budget)).toBe(10);
  });

  it('allows a tenth of the requests and ten on top, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 1_000 }), (steps) => {
        const budget = new RetryBudget();
        let requests = 0;
        let repeats = 0;
        for (const first of steps) {
          if (first) {
            requests += 1;
            budget.earn();
          } else if (budget.spend()) repeats += 1;
          expect(repeats).toBeLessThanOrEqual(10 + Math.floor(requests / 10));
        }
      }),
    );
  });
});
