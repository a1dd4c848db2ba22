import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { normalOf } from '../testdata/synthetic.js';
import { Standardiser } from './standardiser.js';

const admissible = fc.oneof(
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.constantFrom(5e-324, -5e-324, 0, 1e12, -1e12, 1e-160),
);

describe('Standardiser', () => {
  it('finds mean and deviation of what it observes', () => {
    const random = new SeededRandom(1);
    const standardiser = new Standardiser(2);
    for (let at = 0; at < 20_000; at++) standardiser.observe([1e6 + 10 * normalOf(random), random.next()]);
    expect(standardiser.meanAt(0)).toBeCloseTo(1e6, 0);
    expect(standardiser.deviationAt(0) / 10).toBeCloseTo(1, 1);
    expect(standardiser.meanAt(1)).toBeCloseTo(0.5, 1);
    expect(standardiser.deviationAt(1)).toBeCloseTo(Math.sqrt(1 / 12), 2);
  });

  it('is not thrown off by one value that is far out', () => {
    const random = new SeededRandom(2);
    const standardiser = new Standardiser(1);
    for (let at = 0; at < 1_000; at++) standardiser.observe([normalOf(random)]);
    standardiser.observe([1e12]);
    expect(standardiser.deviationAt(0)).toBeLessThan(1.2);
    expect(standardiser.standardisedAt(0, 1e12)).toBe(8);
  });

  it('follows what changed when it has a memory', () => {
    const standardiser = new Standardiser(1, 100);
    const random = new SeededRandom(3);
    for (let at = 0; at < 5_000; at++) standardiser.observe([(at < 3_000 ? 0 : 5) + normalOf(random)]);
    expect(standardiser.meanAt(0)).toBeGreaterThan(4.5);
  });

  it('stays finite and within 8 whatever comes, and comes back from JSON the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(admissible, admissible), { maxLength: 60 }),
        admissible,
        (rows, value) => {
          const standardiser = new Standardiser(2);
          for (const row of rows) standardiser.observe(row);
          const out = new Float64Array(2);
          standardiser.standardise([value, value], out);
          for (const deviation of out) expect(Math.abs(deviation)).toBeLessThanOrEqual(8);
          const text = JSON.stringify(standardiser.snapshot());
          expect(text).not.toContain('null');
          const restored = Standardiser.restore(JSON.parse(text), 2)!;
          expect(restored.standardisedAt(0, value)).toBe(out[0]);
        },
      ),
    );
  });

  it('says 0 of a feature that never changed', () => {
    const standardiser = new Standardiser(1);
    for (let at = 0; at < 50; at++) standardiser.observe([1e12]);
    expect(standardiser.standardisedAt(0, -7)).toBe(0);
    standardiser.observe([5]);
    expect(standardiser.standardisedAt(0, 5)).toBeLessThan(-1);
  });
});
