import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { areAdmissible, isAdmissible } from './admissible.js';
import { meanEstimate, wilsonInterval } from './estimate.js';
import { normalShareBelow } from './normal.js';
import { medianOf, quantileOf, winsorised } from './quantiles.js';

const lists = fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 60 });
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe('isAdmissible', () => {
  it('takes finite numbers up to 1e12, and nothing else', () => {
    for (const value of [0, -0, 5e-324, 1e12, -1e12]) expect(isAdmissible(value)).toBe(true);
    for (const value of [NaN, Infinity, -Infinity, 1.1e12, 1e308, '1', null, undefined, 1n]) {
      expect(isAdmissible(value)).toBe(false);
    }
    expect(areAdmissible([1, 2], 3)).toBe(false);
    expect(areAdmissible(new Array<number>(2), 2)).toBe(false);
  });
});

describe('quantileOf', () => {
  it('lies among the numbers, and does not fall as the share rises', () => {
    fc.assert(
      fc.property(lists, shares, shares, (values, one, other) => {
        const low = quantileOf(values, Math.min(one, other));
        const high = quantileOf(values, Math.max(one, other));
        const slack = 1e-9 * Math.max(1, Math.abs(high));
        expect(low).toBeLessThanOrEqual(high + slack);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values) + slack);
      }),
    );
  });

  it('is linear between two numbers', () => {
    expect(medianOf([3, 1])).toBe(2);
    expect(quantileOf([4, 1, 3, 2, 5], 0.25)).toBe(2);
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});

describe('winsorised', () => {
  it('draws in what is far out, keeps the order, and changes nothing within', () => {
    const values = [...Array.from({ length: 99 }, (_, at) => at), 1e9];
    const drawnIn = winsorised(values, 0.05);
    expect(Math.max(...drawnIn)).toBeLessThan(100);
    expect([...drawnIn.slice(10, 90)]).toEqual(values.slice(10, 90));
    fc.assert(
      fc.property(lists, fc.double({ min: 0, max: 0.5, noNaN: true }), (list, share) => {
        const result = winsorised(list, share);
        for (const [at, value] of list.entries()) {
          const other = (at + 1) % list.length;
          if (value <= list[other]!) expect(result[at]!).toBeLessThanOrEqual(result[other]!);
        }
      }),
    );
  });
});

describe('normalShareBelow', () => {
  it('agrees with the tables', () => {
    for (const [z, share] of [
      [0, 0.5],
      [1, 0.8413447],
      [1.959964, 0.975],
      [-2.326348, 0.01],
    ] as const) {
      expect(normalShareBelow(z)).toBeCloseTo(share, 6);
    }
  });
});

describe('estimates', () => {
  it('have the error of a mean', () => {
    const values = [1, 2, 3, 4];
    const { value, standardError, low, high } = meanEstimate(4, (at) => values[at]!);
    expect(value).toBe(2.5);
    expect(standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4), 12);
    expect(high - low).toBeCloseTo(2 * 1.96 * standardError, 3);
  });

  it('of a probability stay within 0 to 1', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
    // Newcombe (1998), table I: 81 of 263.
    const { low, high } = wilsonInterval(81, 263);
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(['0.2553', '0.3662']);
  });
});
