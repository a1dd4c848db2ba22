import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from './seeded-random.js';
import { shrink } from './shrink.js';

const steps = Array.from({ length: 40 }, (_, at) => at);
const includes =
  (...needed: number[]) =>
  (left: readonly number[]) =>
    needed.every((step) => left.includes(step));

describe('shrink', () => {
  it('finds the steps that it takes, wherever they stand', () => {
    const random = new SeededRandom(4);
    for (let round = 0; round < 30; round++) {
      const needed = random
        .shuffled(steps)
        .slice(0, random.integer(1, 5))
        .sort((a, b) => a - b);
      expect(shrink(steps, includes(...needed), 10_000)).toEqual(needed);
    }
  });

  it('finds that it takes none', () => {
    expect(shrink(steps, () => true, 100)).toEqual([]);
  });

  it('leaves what fails only as a whole', () => {
    expect(shrink(steps, (left) => left.length === steps.length, 1_000)).toEqual(steps);
  });

  it('runs no more often than it may, and answers with what fails', () => {
    let runs = 0;
    const fails = (left: readonly number[]) => {
      runs++;
      return includes(3, 30)(left);
    };
    const result = shrink(steps, fails, 10);
    expect(runs).toBe(10);
    expect(includes(3, 30)(result)).toBe(true);
  });
});
