import { describe, expect, it } from '@jest/globals';
import { figureOf, quantile } from './figures.js';

describe('quantile', () => {
  it('lies between two neighbours by proportion', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
  });

  it('is the only value of one', () => expect(quantile([7], 0.99)).toBe(7));

  it('refuses nothing', () => expect(() => quantile([], 0.5)).toThrow(RangeError));
});

describe('figureOf', () => {
  it('does not mind the order', () => expect(figureOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 }));
});
