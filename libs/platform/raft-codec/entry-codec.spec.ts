import { describe, expect, it } from '@jest/globals';
import { type Entry, type MemberId } from '@nexus/core/raft';
import { ByteReader, ByteWriter, Malformed } from '@nexus/wire';
import * as fc from 'fast-check';
import { EntryWriter, readEntries, writeEntries } from './entry-codec.js';

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 8 });

/** Sorted, as a configuration is, and nobody in both lists. */
const configuration = fc.tuple(names, fc.nat(8)).map(([some, voters]) => {
  const members = some.map((name) => `${name}.store` as MemberId);
  return { voters: members.slice(0, voters).sort(), learners: members.slice(voters).sort() };
});

const content = fc.oneof(
  fc.record({ kind: fc.constant('noop' as const) }),
  fc.record({
    kind: fc.constant('command' as const),
    command: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ kind: fc.constant('configuration' as const), configuration }),
);

const consecutive: fc.Arbitrary<Entry[]> = fc
  .tuple(
    fc.maxSafeNat().map((index) => Math.max(1, index - 100)),
    fc.array(fc.tuple(fc.maxSafeNat(), content), { minLength: 1, maxLength: 20 }),
  )
  .map(([first, list]) => list.map(([term, rest], n): Entry => ({ index: first + n, term, ...rest })));

const bytesOf = (entries: readonly Entry[]): Uint8Array => {
  const writer = new ByteWriter();
  writeEntries(writer, entries);
  return writer.take();
};

const read = (bytes: Uint8Array, firstIndex: number) => readEntries(new ByteReader(bytes), firstIndex);

describe('the bytes of entries', () => {
  it('become the entries again', () => {
    fc.assert(
      fc.property(consecutive, (entries) => {
        expect(read(bytesOf(entries), entries[0]!.index)).toEqual(entries);
      }),
    );
  });

  it('are the same on the disk and on the wire', () => {
    fc.assert(
      fc.property(consecutive, (entries) => {
        expect(Buffer.compare(new EntryWriter().write(entries), bytesOf(entries))).toBe(0);
      }),
    );
  });

  it('cost a few more than the commands themselves', () => {
    const command = Buffer.alloc(200);
    const entries = Array.from({ length: 64 }, (_, n): Entry => {
      return { index: 1e6 + n, term: 9, kind: 'command', command };
    });
    expect(bytesOf(entries).length).toBeLessThan(64 * 205);
  });

  it('are refused when they are cut off within an entry', () => {
    const entry: Entry = { index: 300, term: 300, kind: 'command', command: Buffer.from('command') };
    const bytes = bytesOf([entry]);
    for (let length = 1; length < bytes.length; length++) {
      expect(() => read(bytes.subarray(0, length), 300)).toThrow(Malformed);
    }
  });

  it('are refused, with the error for it, whatever else they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          read(bytes, 1);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
