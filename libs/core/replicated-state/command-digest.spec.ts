import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Command } from './command.js';
import { commandDigest } from './command-digest.js';

const put = (value: unknown): Command => ({ type: 'put', key: 'k', value });

/** The same, its fields written the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, field]) => [name, reversed(field)]),
  );
}

describe('the digest of a command', () => {
  it('is the same for the same command, whatever order its fields have', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const digest = commandDigest(put(value));
        expect(commandDigest(reversed(put(value)) as Command)).toBe(digest);
        expect(commandDigest(put(JSON.parse(JSON.stringify(value))))).toBe(digest);
      }),
    );
  });

  it('is the same on every machine and in every version, as it stands in images', () => {
    expect(commandDigest({ type: 'expire' })).toBe(7_926_993_024_136_416);
    expect(commandDigest(put({ a: [1, -2.5, 'é', null, true], b: {} }))).toBe(43_891_440_170_201);
  });

  it('takes an absent field for one that is undefined', () => {
    const expectedVersion = undefined;
    expect(commandDigest({ type: 'put', key: 'k', value: 1, expectedVersion })).toBe(commandDigest(put(1)));
  });

  it('differs when the command does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(commandDigest(put(one)) === commandDigest(put(other))).toBe(same);
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not collide over a hundred thousand commands that differ in little', () => {
    const seen = new Set<number>();
    for (let count = 0; count < 25_000; count++) {
      seen.add(commandDigest(put(count)));
      seen.add(commandDigest(put(`${count}`)));
      seen.add(commandDigest({ type: 'decide', key: `key-${count}`, value: null }));
      seen.add(commandDigest(put({ [`f${count % 50}`]: Math.floor(count / 50) })));
    }
    expect(seen.size).toBe(100_000);
  });

  it('is a whole number of 53 bits of whatever the types allow, however deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level++) deep = { deep };
    expect(Number.isSafeInteger(commandDigest(put(deep)))).toBe(true);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const digest = commandDigest(put(value));
        expect(Number.isSafeInteger(digest) && digest >= 0).toBe(true);
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, sorted(field)]);
  return { fields };
}
