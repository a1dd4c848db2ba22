import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { medianOf } from '../numbers/quantiles.js';
import { normalOf, studentOf } from '../testdata/synthetic.js';
import { PageHinkley } from './page-hinkley.js';
import { RankScores } from './rank-scores.js';
import { ResidualWatch } from './residual-watch.js';
import { RobustScale } from './robust-scale.js';

const seeds = Array.from({ length: 10 }, (_, at) => 41 + at);
const heavy = (random: SeededRandom) => studentOf(random, 3);

/** After 1,000 errors of the old kind: how many of the new kind it takes until a drift is told, and which. */
function foundAfter(seed: number, law: (random: SeededRandom) => number, change: (error: number) => number) {
  const random = new SeededRandom(seed);
  const watch = new ResidualWatch();
  for (let at = 0; at < 1_000; at++) watch.add(law(random));
  for (let errors = 1; errors <= 500; errors++) {
    const { drift } = watch.add(change(law(random)));
    if (drift !== 'none') return { errors, drift };
  }
  return { errors: Infinity, drift: 'none' };
}

/** What is done in one way takes 0.2 more or less, and in the other 2.5 longer. */
const twoKinds = (random: SeededRandom) =>
  random.chance(0.1) ? 2.5 + 0.3 * normalOf(random) : 0.2 * normalOf(random);

function alarmsIn(law: (random: SeededRandom) => number): number {
  let alarms = 0;
  for (const seed of seeds.slice(0, 2)) {
    const random = new SeededRandom(seed);
    const watch = new ResidualWatch();
    for (let at = 0; at < 20_000; at++) if (watch.add(law(random)).drift !== 'none') alarms += 1;
  }
  return alarms;
}

describe('RobustScale', () => {
  it('has the median, and the median distance from it, of the latest numbers', () => {
    const numbers = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 60 }), (values) => {
        const scale = new RobustScale(9);
        for (const value of values) scale.add(value);
        const latest = values.slice(-9);
        const median = medianOf(latest);
        const mad = medianOf(latest.map((value) => Math.abs(value - median)));
        expect(scale.size).toBe(latest.length);
        expect(Math.abs(scale.median - median)).toBeLessThanOrEqual(1e-9 * Math.abs(median));
        // Of an even count it is the lower of the two in the middle.
        if (latest.length % 2 === 1 && mad > 1e-3 * Math.abs(median) + 1e-9) {
          expect(scale.sigma / (1.4826 * mad)).toBeCloseTo(1, 3);
        }
        expect(scale.sigma).toBeGreaterThan(0);
      }),
    );
  });

  it('tells the deviation, and is not moved far by a tenth of nonsense', () => {
    const random = new SeededRandom(40);
    const scale = new RobustScale();
    for (let at = 0; at < 256; at++) scale.add(at % 10 === 0 ? 1e9 : 100 + 5 * normalOf(random));
    expect(scale.median).toBeGreaterThan(98);
    expect(scale.median).toBeLessThan(102.5);
    expect(scale.sigma).toBeGreaterThan(4);
    expect(scale.sigma).toBeLessThan(7.5);
  });
});

describe('RankScores', () => {
  it('has the same law whatever law the numbers have, and a bound', () => {
    for (const law of [normalOf, heavy, twoKinds]) {
      const random = new SeededRandom(44);
      const scores = new RankScores(Float64Array.from({ length: 500 }, () => law(random)));
      const seen = Array.from({ length: 5_000 }, () => scores.of(law(random)));
      const mean = seen.reduce((sum, score) => sum + score, 0) / seen.length;
      const squares = seen.reduce((sum, score) => sum + (score - mean) ** 2, 0) / seen.length;
      expect(Math.abs(mean)).toBeLessThan(0.1);
      expect(Math.abs(Math.sqrt(squares) - 1)).toBeLessThan(0.05);
      expect(scores.of(1e12)).toBeCloseTo(Math.sqrt(3), 1);
      expect(scores.of(-Infinity)).toBeCloseTo(-Math.sqrt(3), 1);
    }
  });

  it('finds anything else far out where all were equal', () => {
    const scores = new RankScores(new Float64Array(100).fill(7));
    expect([scores.of(7), Math.sign(scores.of(6.9)), scores.of(8) > 5]).toEqual([0, -1, true]);
  });
});

describe('PageHinkley', () => {
  it('tells a shift and its direction, and begins anew', () => {
    const test = new PageHinkley({ delta: 0.1, lambda: 5 });
    for (let at = 0; at < 100; at++) expect(test.add(0)).toBe('none');
    const told = Array.from({ length: 8 }, () => test.add(-1));
    expect(told).toContain('down');
    expect(told.filter((drift) => drift !== 'none')).toHaveLength(1);
  });
});

describe('ResidualWatch', () => {
  it('finds a planted shift of one deviation within 500 errors, over all seeds', () => {
    for (const law of [normalOf, heavy]) {
      for (const seed of seeds) {
        expect(foundAfter(seed, law, (error) => error + 1).drift).toBe('up');
        expect(foundAfter(seed, law, (error) => error - 1).errors).toBeLessThan(250);
      }
    }
  });

  it('finds errors that became twice as wide, on both sides alike, within 500', () => {
    for (const law of [normalOf, heavy]) {
      for (const seed of seeds) expect(foundAfter(seed, law, (error) => 2 * error).errors).toBeLessThan(500);
    }
  });

  it('finds half a deviation of a normal error within 500', () => {
    for (const seed of seeds)
      expect(foundAfter(seed, normalOf, (error) => error + 0.5).errors).toBeLessThan(500);
  });

  it.each([
    ['normal', normalOf],
    ['with heavy tails', heavy],
    ['of two kinds', twoKinds],
    ['hardly ever anything else than 0', (random: SeededRandom) => (random.chance(0.01) ? -1 : 0)],
  ] as const)('tells of nothing where nothing happens, in 40,000 errors that are %s', (_, law) => {
    expect(alarmsIn(law)).toBe(0);
  });

  it('finds failures that become more often, where there was hardly ever one', () => {
    for (const seed of seeds) {
      const random = new SeededRandom(seed);
      const watch = new ResidualWatch();
      for (let at = 0; at < 1_000; at++) watch.add(random.chance(0.01) ? 0 : 1);
      const told = Array.from({ length: 250 }, () => watch.add(random.chance(0.2) ? 0 : 1).drift);
      expect(told.find((drift) => drift !== 'none')).toBe('down');
    }
  });

  it('tells single errors that are far out, by what is usual', () => {
    const random = new SeededRandom(42);
    const watch = new ResidualWatch();
    let outliers = 0;
    for (let at = 0; at < 2_000; at++) if (watch.add(1e6 + normalOf(random)).isOutlier) outliers += 1;
    expect(outliers).toBeLessThanOrEqual(2);
    const verdict = watch.add(1e6 + 20);
    expect(verdict).toMatchObject({ isOutlier: true, drift: 'none' });
    expect(verdict.z).toBeGreaterThan(15);
  });

  it('stays finite whatever comes', () => {
    const wild = fc.constantFrom(NaN, Infinity, -Infinity, 1e308, 5e-324, 0, 1e12, -1e12, 1, -1);
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 300 }), (errors) => {
        const watch = new ResidualWatch({ warmUp: 10, window: 30 });
        for (const error of errors) {
          const { z, isOutlier } = watch.add(error);
          expect(Number.isFinite(z)).toBe(true);
          if (Math.abs(error) > 1e12 || Number.isNaN(error)) expect(isOutlier).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});
