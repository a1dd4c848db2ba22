import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bucketBounds, FrequentItems, Histogram, quantile } from './index.js';

const bounds = bucketBounds(-1, 3);
const values = fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { minLength: 1, maxLength: 300 });
const shares = fc.double({ min: 0.001, max: 1, noNaN: true });

const filled = (observed: readonly number[]) => {
  const histogram = new Histogram(bounds);
  for (const value of observed) histogram.observe(value);
  return histogram;
};
const bucketOf = (value: number) => {
  const at = bounds.findIndex((bound) => value <= bound);
  return at === -1 ? bounds.length : at;
};

describe('bucketBounds', () => {
  it('rise by less than a half, and read well', () => {
    expect(bucketBounds(-1, 1)).toEqual([0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10]);
    const ratios = bounds.slice(1).map((bound, at) => bound / bounds[at]!);
    expect(Math.max(...ratios)).toBeLessThan(1.7);
    expect(Math.min(...ratios)).toBeGreaterThan(1.3);
  });
});

describe('Histogram', () => {
  it('counts each value once, in its bucket', () => {
    fc.assert(
      fc.property(values, (observed) => {
        const { counts, sum } = filled(observed);
        const expected = new Array<number>(bounds.length + 1).fill(0);
        for (const value of observed) expected[bucketOf(value)]! += 1;
        expect([...counts]).toEqual(expected);
        expect(sum).toBeCloseTo(
          observed.reduce((total, value) => total + value, 0),
          6,
        );
      }),
    );
  });

  it('takes nothing that is no size', () => {
    expect(() => filled([-1])).toThrow('not below 0');
    expect(() => filled([NaN])).toThrow('not below 0');
  });
});

describe('quantile', () => {
  it('lies in the bucket of the true one', () => {
    fc.assert(
      fc.property(values, shares, (observed, share) => {
        const sorted = [...observed].sort((a, b) => a - b);
        const truth = sorted[Math.ceil(share * sorted.length) - 1]!;
        const estimate = quantile(bounds, filled(observed).counts, share)!;
        // A bound belongs to the bucket below it; beyond the last there is nothing but that bound.
        expect(bucketOf(estimate)).toBe(Math.min(bucketOf(truth), bounds.length - 1));
      }),
    );
  });

  it('does not fall as the share rises', () => {
    fc.assert(
      fc.property(values, shares, shares, (observed, one, other) => {
        const { counts } = filled(observed);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(quantile(bounds, counts, low)).toBeLessThanOrEqual(quantile(bounds, counts, high)!);
      }),
    );
  });

  it('of nothing is nothing', () => {
    expect(quantile(bounds, new Histogram(bounds).counts, 0.5)).toBeNull();
  });
});

describe('FrequentItems', () => {
  const stream = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 9 })), { maxLength: 400 });

  it('never counts too much, and too little only within its bound', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 2, max: 30 }), (items, itemsMax) => {
        const counted = new FrequentItems(itemsMax);
        const truth = new Map<string, number>();
        let total = 0;
        for (const [number, times] of items) {
          const item = `agent-${number}`;
          counted.add(item, times);
          truth.set(item, (truth.get(item) ?? 0) + times);
          total += times;
          expect(counted.size).toBeLessThanOrEqual(itemsMax);
        }
        const counts = new Map(counted.top(itemsMax).map(({ item, count }) => [item, count]));
        for (const [item, times] of truth) {
          const count = counts.get(item) ?? 0;
          expect(count).toBeLessThanOrEqual(times);
          expect(count).toBeGreaterThanOrEqual(times - counted.shortfallMax);
        }
        expect(counted.shortfallMax).toBeLessThanOrEqual((2 * total) / itemsMax);
      }),
    );
  });

  it('keeps its bound when it takes in what others counted', () => {
    const [one, other] = [new FrequentItems(4), new FrequentItems(4)];
    for (let at = 0; at < 50; at++) {
      one.add(`seldom-${at}`);
      other.add('often', 2);
    }
    one.merge(other);
    const [first] = one.top(1);
    expect(first?.item).toBe('often');
    expect(first?.count).toBeGreaterThanOrEqual(100 - one.shortfallMax);
    expect(first?.count).toBeLessThanOrEqual(100);
  });

  it('is exact while there is room', () => {
    const counted = new FrequentItems(3);
    for (const item of ['b', 'a', 'c', 'b']) counted.add(item);
    expect(counted.top(2)).toEqual([
      { item: 'b', count: 2 },
      { item: 'a', count: 1 },
    ]);
    expect(counted.shortfallMax).toBe(0);
  });
});
