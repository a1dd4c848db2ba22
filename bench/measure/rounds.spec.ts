import { describe, expect, it } from '@jest/globals';
import { compare } from './rounds.js';

/** Measures nothing, and notes whose turn it was. */
const contender = (name: string, rates: number[], turns: string[]) => ({
  name,
  measure: () => {
    turns.push(name);
    const ratePerS = rates.shift() ?? 0;
    return Promise.resolve({ ratePerS, latenciesMs: [1_000 / ratePerS] });
  },
});

describe('compare', () => {
  it('interleaves the contenders, each round beginning with another', async () => {
    const turns: string[] = [];
    await compare([contender('a', [1, 1, 1], turns), contender('b', [1, 1, 1], turns)], 2);
    expect(turns).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  });

  it('compares within a round, and leaves the warm-up out', async () => {
    const [, b] = await compare(
      [contender('a', [999, 100, 10, 50], []), contender('b', [1, 50, 10, 100], [])],
      3,
    );
    expect(b).toMatchObject({
      calls: 3,
      ratePerS: { median: 50, min: 10, max: 100 },
      ratio: { median: 1, min: 0.5, max: 2 },
    });
  });

  it('says whose measurement failed', async () => {
    const broken = { name: 'broken', measure: () => Promise.reject(new Error('no route')) };
    await expect(compare([broken], 1)).rejects.toThrow('broken: no route');
  });
});
