import { describe, expect, it } from '@jest/globals';
import { judgeNumbers } from './taken.js';

describe('judgeNumbers', () => {
  it('finds nothing where each number was given once, and counts what was left over', () => {
    const first = [[0, 2, true] as const, [6, 1, true] as const];
    const second = [[2, 3, true] as const];
    expect(judgeNumbers([first, second])).toEqual({
      ...{ processes: 2, taken: 6, handovers: 2, twice: 0, unshared: 0, leftOut: 1 },
    });
  });

  it('finds what two got, and what one got twice', () => {
    expect(judgeNumbers([[[0, 4, true]], [[2, 4, true]]])).toMatchObject({ twice: 2 });
    expect(judgeNumbers([[...[[3, 1, true] as const], [3, 1, true]], []])).toMatchObject({
      twice: 1,
      handovers: 0,
    });
  });

  it('does not hold numbers against each other that were said to be own', () => {
    expect(judgeNumbers([[[0, 4, false]], [[0, 4, true]]])).toMatchObject({ twice: 0, unshared: 4 });
  });
});
