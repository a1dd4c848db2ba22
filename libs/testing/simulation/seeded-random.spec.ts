import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from './seeded-random.js';

const draw = (random: SeededRandom, count: number) => Array.from({ length: count }, () => random.next());

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(draw(new SeededRandom(7), 50)).toEqual(draw(new SeededRandom(7), 50));
    expect(draw(new SeededRandom(7), 50)).not.toEqual(draw(new SeededRandom(8), 50));
    expect(draw(new SeededRandom(2 ** 40), 50)).not.toEqual(draw(new SeededRandom(0), 50));
  });

  it('keeps its streams apart: a fork does not depend on what was drawn', () => {
    const random = new SeededRandom(7);
    const before = draw(random.fork('a'), 20);
    draw(random, 13);
    expect(draw(random.fork('a'), 20)).toEqual(before);
    expect(draw(random.fork('b'), 20)).not.toEqual(before);
    expect(draw(random.fork('a').fork('b'), 20)).not.toEqual(draw(random.fork('b'), 20));
  });

  it('is uniform: every tenth of [0, 1) gets its share', () => {
    const random = new SeededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (const number of draw(random, 20_000)) tenths[Math.floor(number * 10)]!++;
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250);
  });

  it('draws integers with both ends, and shuffles without losing anything', () => {
    const random = new SeededRandom(3);
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(2, 5)));
    expect([...drawn].sort()).toEqual([2, 3, 4, 5]);
    expect(random.shuffled([1, 2, 3, 4, 5, 6]).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });
});
