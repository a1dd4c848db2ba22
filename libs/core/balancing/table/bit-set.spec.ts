import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BitSet } from './bit-set.js';

const bits = fc.uniqueArray(fc.oneof(fc.nat({ max: 70 }), fc.nat({ max: 5_000 })), { maxLength: 60 });
const setOf = (members: readonly number[]): BitSet => {
  const set = new BitSet();
  for (const bit of members) set.add(bit);
  return set;
};

describe('BitSet', () => {
  it('is what a Set is, whatever is added and taken out', () => {
    fc.assert(
      fc.property(bits, bits, (added, deleted) => {
        const set = setOf([...added, ...added]);
        for (const bit of deleted) set.delete(bit);
        const model = new Set(added.filter((bit) => !deleted.includes(bit)));
        expect(set.size).toBe(model.size);
        for (const bit of [...added, ...deleted]) expect(set.has(bit)).toBe(model.has(bit));
      }),
    );
  });

  it('finds what is common to two', () => {
    const end = fc.oneof(fc.constant(Infinity), fc.nat({ max: 5_100 }));
    fc.assert(
      fc.property(bits, bits, fc.nat({ max: 5_100 }), end, (one, more, from, end) => {
        const other = [...one.slice(0, one.length / 2), ...more];
        const gone = one.slice(0, one.length / 4);
        const set = setOf(one);
        for (const bit of gone) set.delete(bit);
        const common = one.filter((bit) => other.includes(bit) && !gone.includes(bit)).sort((a, b) => a - b);
        expect(set.countCommon(setOf(other))).toBe(common.length);
        const next = common.find((bit) => bit >= from && bit < end) ?? -1;
        expect(set.nextCommon(setOf(other), from, end)).toBe(next);
      }),
    );
  });
});
