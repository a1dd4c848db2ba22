import { describe, expect, it } from '@jest/globals';
import { RepairBudget } from './repair-budget.js';

describe('RepairBudget', () => {
  it('has a second of bytes at once, and as much again each second', () => {
    const budget = new RepairBudget({ answersPerSecond: 100, bytesPerSecond: 1_000 });
    expect(budget.leftBytes(0)).toBe(1_000);
    budget.spend(1_200);
    expect(budget.leftBytes(100)).toBe(0);
    expect(budget.leftBytes(700)).toBe(500);
    expect(budget.leftBytes(60_000)).toBe(1_000);
  });

  it('counts no answers when it is given no number of them', () => {
    const budget = new RepairBudget({ bytesPerSecond: 1_000 });
    for (let answer = 0; answer < 999; answer += 1) budget.spend(1);
    expect(budget.leftBytes(0)).toBe(1);
  });

  it('has no more answers than a second’s worth, however small they are', () => {
    const budget = new RepairBudget({ answersPerSecond: 2, bytesPerSecond: 1_000 });
    const left = [0, 0, 0, 400, 500].map((nowMs) => {
      const bytes = budget.leftBytes(nowMs);
      if (bytes > 0) budget.spend(1);
      return bytes > 0;
    });
    expect(left).toEqual([true, true, false, false, true]);
  });
});
