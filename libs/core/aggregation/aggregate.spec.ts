import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAggregator, type AggregateName, type Histogram, type Majority } from './index.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const numbers = fc.array(finite, { minLength: 1, maxLength: 200 });
const names: AggregateName[] = ['count', 'sum', 'mean', 'min', 'max', 'histogram', 'majority'];
const aggregate = (name: AggregateName, values: readonly unknown[]) => {
  const aggregator = createAggregator(name);
  for (const value of values) aggregator.add(value);
  return aggregator.result();
};
const valueOf = (name: AggregateName, values: unknown[]) => aggregate(name, values).value;
const histogramOf = (values: unknown[]) => valueOf('histogram', values) as Histogram;

describe('createAggregator', () => {
  it.each([
    ['count', 4, 4],
    ['sum', 6, 3],
    ['mean', 2, 3],
    ['min', 1, 3],
    ['max', 3, 3],
  ] as const)('%s of 1, 2, 3 and a text is %d from %d values', (name, value, sampleSize) => {
    expect(aggregate(name, [1, 2, '9', 3])).toEqual({ value, sampleSize });
  });

  it.each([
    ['count', 0],
    ['sum', 0],
    ['mean', null],
    ['min', null],
    ['max', null],
    ['histogram', null],
    ['majority', null],
  ] as const)('%s of nothing is %p', (name, value) => {
    expect(aggregate(name, [])).toEqual({ value, sampleSize: 0 });
  });

  it('leaves out what is no finite number', () => {
    expect(aggregate('sum', [NaN, Infinity, null, undefined, true, [1], {}, '1', 5])).toEqual({
      value: 5,
      sampleSize: 1,
    });
  });

  it('gives a result of JSON whatever comes, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(fc.oneof(finite, fc.jsonValue())), (name, values) => {
        const { value } = aggregate(name, values);
        if (name !== 'majority') expect(JSON.parse(JSON.stringify(value))).toEqual(plainZero(value));
      }),
    );
  });

  it('may be asked midway', () => {
    const sum = createAggregator('sum');
    sum.add(1);
    expect(sum.result()).toMatchObject({ value: 1 });
    sum.add(2);
    expect(sum.result()).toMatchObject({ value: 3 });
  });
});

/** JSON has no negative zero. */
function plainZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner === 0 ? 0 : inner))) as unknown;
}

describe('sum and mean', () => {
  it('keep what plain addition rounds away', () => {
    expect(valueOf('sum', [1, 1e100, 1, -1e100])).toBe(2); // Neumaier's example
    expect(
      valueOf(
        'sum',
        Array.from({ length: 10 }, () => 0.1),
      ),
    ).toBe(1);
  });

  it('do not overflow on the way', () => {
    expect(valueOf('sum', [1e308, 1e308, -1e308])).toBe(1e308);
    expect(valueOf('sum', [1e308, 5, 1e308, -1e308, -1e308])).toBe(5);
    expect(valueOf('mean', [Number.MAX_VALUE, Number.MAX_VALUE])).toBe(Number.MAX_VALUE);
  });

  it('say null when no double can hold the sum', () => {
    expect(aggregate('sum', [1e308, 1e308])).toEqual({ value: null, sampleSize: 2 });
  });

  it('equal exact arithmetic on integers, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (values) => {
        const exact = values.reduce((sum, value) => sum + BigInt(value), 0n);
        expect(valueOf('sum', values)).toBe(Number(exact));
      }),
    );
  });

  it('put the mean between the least and the greatest', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const mean = valueOf('mean', values) as number;
        expect(mean >= Math.min(...values) && mean <= Math.max(...values)).toBe(true);
      }),
    );
  });
});

describe('histogram', () => {
  it('counts into equally wide buckets, the last one closed', () => {
    const { buckets } = histogramOf([0, 1, 2, 3, 4]);
    expect(buckets).toEqual([
      { from: 0, to: 1, count: 1 },
      { from: 1, to: 2, count: 1 },
      { from: 2, to: 3, count: 1 },
      { from: 3, to: 4, count: 2 },
    ]);
  });

  it('has one bucket when all values are equal', () => {
    expect(histogramOf([7, 7, 7])).toEqual({ min: 7, max: 7, buckets: [{ from: 7, to: 7, count: 3 }] });
  });

  it.each([
    ['a range beyond the greatest double', [-Number.MAX_VALUE, 0, Number.MAX_VALUE]],
    ['a range of one unit in the last place', [1, 1 + Number.EPSILON, 1, 1]],
    ['the least numbers there are', [0, Number.MIN_VALUE, -Number.MIN_VALUE]],
  ])('manages %s', (_, values) => {
    expectSound(histogramOf(values), values);
  });

  it('is sound for zeros of either sign', () => {
    expectSound(histogramOf([-0, 1e-323]), [-0, 1e-323]);
    expectSound(histogramOf([-0, 0]), [-0, 0]);
  });

  it('is sound for any numbers', () => {
    fc.assert(fc.property(numbers, (values) => expectSound(histogramOf(values), values)));
  });

  function expectSound({ min, max, buckets }: Histogram, values: number[]): void {
    expect([min + 0, max + 0]).toEqual([Math.min(...values) + 0, Math.max(...values) + 0]);
    expect(buckets.length >= 1 && buckets.length <= 20).toBe(true);
    buckets.forEach(({ from, to, count }, index) => {
      const last = index === buckets.length - 1;
      expect(from < to || (last && min === max)).toBe(true);
      expect(from).toBe(index === 0 ? min : buckets[index - 1]?.to);
      expect(values.filter((v) => v >= from && (v < to || (last && v <= to)))).toHaveLength(count);
    });
    expect(buckets.at(-1)?.to).toBe(max);
  }
});

describe('majority', () => {
  const majorityOf = (values: unknown[]) => valueOf('majority', values) as Majority;

  it('is the most frequent value, whatever the order of its keys', () => {
    expect(majorityOf([{ a: 1, b: [2] }, 'x', { b: [2], a: 1 }])).toEqual({
      value: { a: 1, b: [2] },
      count: 2,
      share: 2 / 3,
    });
  });

  it('tells a number from its text', () => {
    expect(majorityOf([1, '1', '1'])).toMatchObject({ value: '1', count: 2 });
  });

  it('takes the first in canonical order on a tie, and says so', () => {
    expect(majorityOf(['b', 'a'])).toEqual({ value: 'a', count: 1, share: 0.5, tie: true });
    expect(majorityOf(['b', 'a', 'a'])).not.toHaveProperty('tie');
  });

  it('counts what JSON cannot hold without failing', () => {
    const instant = new Date(0);
    expect(majorityOf([undefined, 1n, new Date(1), instant, instant])).toMatchObject({
      value: instant,
      count: 2,
    });
  });

  it('does not depend on the order of the values', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 2, 'a', null, true), { minLength: 1 }), (values) => {
        expect(majorityOf([...values].reverse())).toEqual(majorityOf(values));
      }),
    );
  });
});
