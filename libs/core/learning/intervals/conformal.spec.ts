import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { normalOf, studentOf } from '../testdata/synthetic.js';
import { conformalInterval } from './conformal.js';

const laws: readonly (readonly [string, (random: SeededRandom) => number])[] = [
  ['normal', normalOf],
  ['heavy tails', (random) => studentOf(random, 2)],
  ['skewed', (random) => -Math.log(1 - random.next())],
];

describe('conformalInterval', () => {
  it.each(laws)('covers what it claims within 5 points, errors being %s', (_, draw) => {
    for (const coverage of [0.5, 0.8, 0.9, 0.95]) {
      for (const seed of [31, 32, 33]) {
        const random = new SeededRandom(seed);
        const interval = conformalInterval(
          Array.from({ length: 1_000 }, () => draw(random)),
          coverage,
        );
        if (interval.kind !== 'interval') throw new Error('there are enough errors');
        const fresh = Array.from({ length: 4_000 }, () => draw(random));
        const covered = fresh.filter((error) => error >= interval.low && error <= interval.high).length;
        expect([coverage, Math.abs(covered / 4_000 - coverage) < 0.05]).toEqual([coverage, true]);
      }
    }
  });

  it('covers no less than it claims on average, even of few errors', () => {
    const random = new SeededRandom(34);
    let covered = 0;
    for (let round = 0; round < 4_000; round++) {
      const interval = conformalInterval(
        Array.from({ length: 20 }, () => normalOf(random)),
        0.8,
      );
      const fresh = normalOf(random);
      if (interval.kind === 'interval' && fresh >= interval.low && fresh <= interval.high) covered += 1;
    }
    expect(covered / 4_000).toBeGreaterThan(0.79);
  });

  it('claims nothing of too few errors, and counts none that is no number', () => {
    const errors = Array.from({ length: 39 }, (_, at) => at);
    expect(conformalInterval(errors, 0.95)).toMatchObject({ kind: 'interval', low: 0, high: 38 });
    expect(conformalInterval([...errors.slice(1), NaN, Infinity], 0.95)).toEqual({
      kind: 'insufficient',
      have: 38,
      need: 39,
    });
    expect(conformalInterval([], 0.5)).toEqual({ kind: 'insufficient', have: 0, need: 3 });
  });
});
