import { describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { type Entry, type MemberId } from '@nexus/core/raft';
import * as fc from 'fast-check';
import { decodeEntries, decodeEntry, encodeEntries, encodeEntry } from './entry-codec.js';

const members = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 5 }) as fc.Arbitrary<MemberId[]>;

const content = fc.oneof(
  fc.record({ kind: fc.constant('noop' as const) }),
  fc.record({
    kind: fc.constant('command' as const),
    command: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({
    kind: fc.constant('configuration' as const),
    configuration: fc.record({ voters: members, learners: members }, { noNullPrototype: true }),
  }),
);

const consecutive: fc.Arbitrary<Entry[]> = fc
  .tuple(
    fc.maxSafeNat().map((index) => Math.max(1, index - 100)),
    fc.array(fc.tuple(fc.maxSafeNat(), content), { minLength: 1, maxLength: 20 }),
  )
  .map(([first, list]) => list.map(([term, rest], n): Entry => ({ index: first + n, term, ...rest })));

describe('the bytes of entries', () => {
  it('become the entries again', () => {
    fc.assert(
      fc.property(consecutive, (entries) => {
        expect(decodeEntries(encodeEntries(entries))).toEqual(entries);
        expect(decodeEntry(encodeEntry(entries[0]!))).toEqual(entries[0]);
      }),
    );
  });

  it('leave room at the front for what others put there', () => {
    const entry: Entry = { index: 7, term: 3, kind: 'noop' };
    const bytes = encodeEntries([entry], 4);
    expect(decodeEntries(bytes.subarray(4))).toEqual([entry]);
  });

  it('cost a few more than the commands themselves', () => {
    const command = Buffer.alloc(200);
    const entries = Array.from({ length: 64 }, (_, n): Entry => ({
      index: 1e6 + n,
      term: 9,
      kind: 'command',
      command,
    }));
    expect(encodeEntries(entries).length).toBeLessThan(64 * 205);
  });

  it('are refused when they are cut off anywhere, or go on', () => {
    const bytes = encodeEntries([
      { index: 300, term: 300, kind: 'command', command: Buffer.from('command') },
      { index: 301, term: 300, kind: 'configuration', configuration: { voters: [], learners: [] } },
    ]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeEntries(bytes.subarray(0, length))).toThrow(NexusError);
    }
    expect(() => decodeEntries(Buffer.concat([bytes, Buffer.from([0])]))).toThrow('bytes after the last');
  });

  it('are refused, with the error for it, whatever else they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeEntries(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_argument' });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('make no more entries than there are bytes', () => {
    const manyEntries = Buffer.from([1, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(() => decodeEntries(manyEntries)).toThrow('they end too early');
  });
});
