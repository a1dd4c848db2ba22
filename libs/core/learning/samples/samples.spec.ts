import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timeOrderedSplit, withinQuotas } from './choosing.js';
import { Samples } from './samples.js';

const wild = fc.oneof(
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, 1e12),
);

describe('Samples', () => {
  it('keeps the rows that are admissible, in their order, and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.array(wild, { minLength: 1, maxLength: 4 }), { maxLength: 200 }), (rows) => {
        const samples = new Samples(3);
        const expected = rows.filter((row) => {
          const isRight = row.length === 3 && row.every((value) => Math.abs(value) <= 1e12);
          expect(samples.add(row)).toBe(isRight);
          return isRight;
        });
        expect(samples.size).toBe(expected.length);
        for (const [at, row] of expected.entries()) expect([...samples.rowAt(at)]).toEqual(row);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses rows when it is full, and grows until then', () => {
    const samples = new Samples(2, 300);
    const added = Array.from({ length: 310 }, (_, at) => samples.add([at, -at])).filter(Boolean);
    expect(added).toHaveLength(300);
    expect([...samples.rowAt(299)]).toEqual([299, -299]);
    expect([...samples.slice(100, 102).values]).toEqual([100, -100, 101, -101]);
    expect([...samples.pick([299, 5]).rowAt(1)]).toEqual([5, -5]);
    expect([samples.slice(7, 7).size, samples.slice(300, 300).size, samples.pick([]).size]).toEqual([
      0, 0, 0,
    ]);
    expect(() => samples.rowAt(300)).toThrow('there is such a row');
  });
});

describe('timeOrderedSplit', () => {
  it('holds out the latest, and leaves something on both sides', () => {
    expect(timeOrderedSplit(10, 0.3)).toEqual({ trainSize: 7, holdOutSize: 3 });
    expect(timeOrderedSplit(2, 0.01)).toEqual({ trainSize: 1, holdOutSize: 1 });
    expect(timeOrderedSplit(1, 0.5)).toEqual({ trainSize: 1, holdOutSize: 0 });
  });
});

describe('withinQuotas', () => {
  it('keeps the newest of each source, in time order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 80 }),
        fc.integer({ min: 1, max: 9 }),
        (sources, most) => {
          const kept = withinQuotas(sources, most);
          expect(kept).toEqual([...kept].sort((a, b) => a - b));
          for (const source of ['a', 'b', 'c']) {
            const own = [...sources.keys()].filter((at) => sources[at] === source);
            expect(kept.filter((at) => sources[at] === source)).toEqual(own.slice(-most));
          }
        },
      ),
    );
  });
});
