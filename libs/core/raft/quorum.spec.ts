import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { majorityOf, reachedByMajority } from './quorum.js';

describe('a majority', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])('of %d is %d', (voters, majority) => expect(majorityOf(voters)).toBe(majority));

  it('has reached the largest value that enough voters have reached', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), (values) => {
        const atLeast = (value: number) => values.filter((other) => other >= value).length;
        const expected = Math.max(...values.filter((value) => atLeast(value) >= majorityOf(values.length)));
        expect(reachedByMajority([...values])).toBe(expected);
      }),
    );
  });

  it('of nobody has reached nothing', () => expect(reachedByMajority([])).toBe(0));
});
