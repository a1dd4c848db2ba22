import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FlowingRetryBudget } from './flowing-retry-budget.js';

const drain = (budget: FlowingRetryBudget, nowMs: number): number => {
  let taken = 0;
  while (budget.take(nowMs)) taken += 1;
  return taken;
};

describe('FlowingRetryBudget', () => {
  it('grants a trickle to whoever is quiet', () => {
    const budget = new FlowingRetryBudget({ perSecond: 10 });
    expect(drain(budget, 0)).toBe(10);
    expect(drain(budget, 500)).toBe(5);
  });

  it('earns a tenth of a retry a request, and saves no more than its bound', () => {
    const budget = new FlowingRetryBudget({ perSecond: 0, savedMax: 50 });
    budget.earn(100);
    expect(drain(budget, 0)).toBe(10);
    budget.earn(100_000);
    expect(drain(budget, 0)).toBe(50);
  });

  it('never spends more than was earned, granted and begun with', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ afterMs: fc.nat(500), earned: fc.nat(50), tries: fc.nat(30) }), {
          maxLength: 50,
        }),
        (steps) => {
          const budget = new FlowingRetryBudget({ ratio: 0.1, perSecond: 10, savedMax: 100 });
          let nowMs = 0;
          let earned = 0;
          let spent = 0;
          for (const step of steps) {
            nowMs += step.afterMs;
            earned += step.earned;
            budget.earn(step.earned);
            for (let n = 0; n < step.tries; n++) if (budget.take(nowMs)) spent += 1;
          }
          expect(spent).toBeLessThanOrEqual(10 + 0.1 * earned + (nowMs / 1_000) * 10 + 1e-6);
        },
      ),
    );
  });
});
