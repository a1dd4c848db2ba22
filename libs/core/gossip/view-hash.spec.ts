import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashId, ViewHash } from './view-hash.js';

type Part = readonly [id: string, generation: number, version: number];

const hashOf = (parts: readonly Part[]): ViewHash => {
  const hash = new ViewHash();
  for (const [id, generation, version] of parts) hash.add(hashId(id), generation, version);
  return hash;
};

const part = fc.tuple(fc.string(), fc.maxSafeNat(), fc.maxSafeNat());

describe('ViewHash', () => {
  it('is a safe integer that does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(Number.isSafeInteger(hashOf(parts).value)).toBe(true);
        expect(hashOf([...parts].reverse()).value).toBe(hashOf(parts).value);
      }),
    );
  });

  it('forgets what is removed without a trace', () => {
    fc.assert(
      fc.property(fc.array(part), part, (parts, [id, generation, version]) => {
        const hash = hashOf([...parts, [id, generation, version]]);
        hash.remove(hashId(id), generation, version);
        expect(hash.value).toBe(hashOf(parts).value);
      }),
    );
  });

  it('tells 100,000 neighbouring states apart', () => {
    const values = new Set<number>();
    for (let version = 0; version < 50_000; version++) {
      values.add(hashOf([['a', 1_700_000_000_000, version]]).value);
      values.add(hashOf([['a', 1_700_000_000_000 + version + 1, 0]]).value);
    }
    expect(values.size).toBe(100_000);
  });

  it('tells versions that two members swapped apart', () => {
    const one = hashOf([
      ['a', 1, 5],
      ['b', 1, 6],
    ]);
    const other = hashOf([
      ['a', 1, 6],
      ['b', 1, 5],
    ]);
    expect(one.value).not.toBe(other.value);
  });
});
