import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AggregateName, type AggregateState, type Aggregator, createAggregator } from './index.js';

const names: AggregateName[] = ['count', 'sum', 'mean', 'min', 'max', 'histogram', 'majority'];
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const value = fc.oneof(fc.integer({ min: -9, max: 9 }), finite, fc.jsonValue({ maxDepth: 1 }));

const of = (name: AggregateName, values: readonly unknown[]): Aggregator => {
  const aggregator = createAggregator(name);
  for (const each of values) aggregator.add(each);
  return aggregator;
};

/** As it arrives where it was sent. */
const sent = (aggregator: Aggregator) => JSON.parse(JSON.stringify(aggregator.state())) as AggregateState;
const plain = (given: unknown) => JSON.parse(JSON.stringify(given)) as { value: unknown; sampleSize: number };

const merged = (name: AggregateName, parts: readonly (readonly unknown[])[]): Aggregator => {
  const whole = createAggregator(name);
  for (const part of parts) expect(whole.absorb(sent(of(name, part)))).toBe(true);
  return whole;
};

/** What the order of its terms may change of a sum: a rounding or two, and what was lost of what was lost. */
const slackOf = (values: readonly unknown[]) => {
  const numbers = values.filter((each): each is number => typeof each === 'number' && Number.isFinite(each));
  const magnitude = numbers.reduce((sum, each) => sum + Math.abs(each) / 2 ** 60, 0) * 2 ** 60;
  return 4 * numbers.length * Number.EPSILON ** 2 * magnitude + Number.MIN_VALUE * numbers.length;
};

const parts = fc.array(fc.array(value, { maxLength: 12 }), { maxLength: 12 });

describe('an aggregate of aggregates', () => {
  const exact = names.filter((name) => name !== 'sum' && name !== 'mean');

  it.each(exact)('%s equals that of the whole, for any partition', (name) => {
    fc.assert(
      fc.property(parts, (each) => {
        expect(plain(merged(name, each).result())).toEqual(plain(of(name, each.flat()).result()));
      }),
    );
  });

  it.each(['sum', 'mean'] as const)(
    '%s equals that of the whole to a rounding, for any partition',
    (name) => {
      fc.assert(
        fc.property(parts, (each) => {
          const whole = of(name, each.flat()).result();
          const together = merged(name, each).result();
          expect(together.sampleSize).toBe(whole.sampleSize);
          const [one, other] = [together.value, whole.value] as [number | null, number | null];
          if (one === null || other === null) return;
          const slack = 4 * Number.EPSILON * Math.abs(other) + slackOf(each.flat());
          expect(Math.abs(one - other)).toBeLessThanOrEqual(slack);
        }),
      );
    },
  );

  it.each(['sum', 'mean'] as const)('%s of whole numbers is the same to the last digit', (name) => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer())), (each) => {
        expect(merged(name, each).result()).toEqual(of(name, each.flat()).result());
      }),
    );
  });

  it('keeps what plain addition of the parts would round away, and does not overflow', () => {
    expect(merged('sum', [[1, 1e100], [1, -1e100]]).result().value).toBe(2); // prettier-ignore
    expect(merged('sum', [[1e308, 1e308], [-1e308]]).result().value).toBe(1e308);
  });

  it.each(names)('%s takes values before, between and after what it absorbs', (name) => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (before, other) => {
        const aggregator = of(name, before);
        aggregator.absorb(sent(of(name, other)));
        aggregator.add(7);
        expect(plain(aggregator.result())).toEqual(plain(of(name, [...before, ...other, 7]).result()));
      }),
    );
  });

  it('gives out a state that later values do not change', () => {
    for (const name of names) {
      const aggregator = of(name, [1, 2]);
      const state = aggregator.state();
      const then = JSON.stringify(state);
      aggregator.add(2);
      expect(JSON.stringify(state)).toBe(then);
    }
  });
});

describe('what somebody else says', () => {
  const number = fc.oneof(finite, fc.constantFrom(NaN, Infinity, -1, 0.5, 2 ** 60, 1e308));
  const claimed = fc.record(
    {
      n: fc.oneof(fc.nat(5), number),
      sums: fc.array(number, { maxLength: 5 }),
      least: number,
      greatest: number,
      extreme: number,
      numbers: fc.array(number, { maxLength: 5 }),
      kinds: fc.array(fc.record({ value: fc.jsonValue(), count: fc.oneof(fc.nat(3), number) }), {
        maxLength: 3,
      }),
    },
    { requiredKeys: ['n'] },
  );

  it.each(names)('leaves %s as it was when it is refused, and sound when it is not', (name) => {
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 5 }), claimed, (values, claim) => {
        const aggregator = of(name, values);
        const before = plain(aggregator.result());
        const taken = aggregator.absorb(claim);
        const { value: after, sampleSize } = aggregator.result();
        if (!taken) expect(plain({ value: after, sampleSize })).toEqual(before);
        expect(Number.isSafeInteger(sampleSize - before.sampleSize)).toBe(true);
        if (typeof after === 'number') expect(Number.isFinite(after)).toBe(true);
      }),
    );
  });

  it.each<[AggregateName, AggregateState]>([
    ['count', { n: -1 }],
    ['count', { n: 0.5 }],
    ['sum', { n: 1 }],
    ['sum', { n: 1, sums: [1, 0, 0] }],
    ['sum', { n: 1, sums: [NaN, 0, 0, 0] }],
    ['sum', { n: 0, sums: [1, 0, 0, 0] }],
    ['mean', { n: 1, sums: [1, 0, 0, 0] }],
    ['mean', { n: 1, sums: [1, 0, 0, 0], least: 2, greatest: 1 }],
    ['min', { n: 2 }],
    ['max', { n: 2, extreme: Infinity }],
    ['histogram', { n: 2, numbers: [1] }],
    ['histogram', { n: 1, numbers: [NaN] }],
    ['majority', { n: 2, kinds: [{ value: 'a', count: 1 }] }],
    ['majority', { n: 0, kinds: [{ value: 'a', count: 1 }, { value: 'b', count: -1 }] }], // prettier-ignore
  ])('is not taken by %s: %j', (name, state) => {
    expect(of(name, [1]).absorb(state)).toBe(false);
  });
});
