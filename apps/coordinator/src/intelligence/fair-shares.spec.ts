import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairShares } from './fair-shares.js';

describe('fairShares', () => {
  it.each([
    [[100, 3, 50], 20, [9, 3, 8]],
    [[1, 2, 3], 20, [1, 2, 3]],
    [[5, 5], 3, [2, 1]],
    [[], 3, []],
  ])('of %j in %d is %j', (needs, room, shares) => {
    expect([...fairShares(needs, room)].sort()).toEqual([...shares].sort());
  });

  it('gives nobody more than it needs, all that there is, and nobody less who needs more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100 }), { maxLength: 20 }), fc.nat({ max: 300 }), (needs, room) => {
        const shares = fairShares(needs, room);
        const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
        expect(sum(shares)).toBe(Math.min(room, sum(needs)));
        for (const [at, share] of shares.entries()) {
          expect(share).toBeLessThanOrEqual(needs[at]!);
          const more = shares.filter((_, other) => needs[other]! > needs[at]!);
          for (const other of more) expect(other).toBeGreaterThanOrEqual(share);
        }
      }),
    );
  });
});
