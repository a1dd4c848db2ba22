import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { Malformed } from './malformed.js';

/** Something that can be written, and is read by a method of its own. */
type Item =
  | { readonly kind: 'byte' | 'varint'; readonly value: number }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'ascii' | 'text'; readonly value: string }
  | { readonly kind: 'block'; readonly value: Uint8Array };

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), value: fc.nat(255) }),
  fc.record({
    kind: fc.constant('varint' as const),
    value: fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(127, 128, 2 ** 31, 2 ** 32, 2 ** 53 - 1)),
  }),
  fc.record({ kind: fc.constant('flag' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('ascii' as const), value: fc.string({ unit: 'binary-ascii' }) }),
  // Of whole characters: half of one has no UTF-8.
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'binary' }) }),
  fc.record({ kind: fc.constant('block' as const), value: fc.uint8Array({ maxLength: 6_000 }) }),
);

function write(writer: ByteWriter, one: Item): void {
  if (one.kind === 'block') writer.block(one.value);
  else if (one.kind === 'flag') writer.flag(one.value);
  else if (one.kind === 'byte' || one.kind === 'varint') writer[one.kind](one.value);
  else if (one.kind === 'ascii' || one.kind === 'text') writer[one.kind](one.value);
}

function read(reader: ByteReader, { kind }: Item): Item['value'] {
  if (kind === 'text') return reader.text(10_000);
  const value = reader[kind]();
  return value instanceof Uint8Array ? Uint8Array.from(value) : value;
}

const bytesOf = (items: readonly Item[]): Buffer => {
  const writer = new ByteWriter();
  for (const one of items) write(writer, one);
  return writer.take();
};

describe('what a writer wrote', () => {
  it('is read again, to the last byte', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), (items) => {
        const reader = new ByteReader(bytesOf(items));
        expect(items.map((one) => read(reader, one))).toEqual(items.map(({ value }) => value));
        expect(reader.left).toBe(0);
        reader.end();
      }),
    );
  });

  it('is refused when it is cut off within anything', () => {
    fc.assert(
      fc.property(item, fc.nat(), (one, at) => {
        const bytes = bytesOf([one]);
        expect(() => read(new ByteReader(bytes.subarray(0, at % bytes.length)), one)).toThrow(Malformed);
      }),
    );
  });

  it('stays what it is: logs on disks hold it', () => {
    const writer = new ByteWriter()
      .byte(7)
      .flag(true)
      .varint(0)
      .varint(300)
      .varint(2 ** 53 - 1);
    writer.ascii('a.store').text('ä').block(Uint8Array.of(1, 2)).raw(Uint8Array.of(3));
    expect(writer.take().toString('hex')).toBe('070100ac02ffffffffffffff0f07612e73746f726502c3a402010203');
  });

  it('has memory of its own, and nothing of what was taken before', () => {
    const writer = new ByteWriter();
    const first = writer.raw(new Uint8Array(10_000).fill(1)).take();
    const second = writer.byte(2).take();
    expect([first.length, first.every((byte) => byte === 1), [...second]]).toEqual([10_000, true, [2]]);
    expect(writer.take().length).toBe(0);
  });
});

describe('a reader', () => {
  it.each<[string, readonly number[], (reader: ByteReader) => unknown]>([
    ['it ends early', [], (reader) => reader.byte()],
    ['it ends early', [0x80], (reader) => reader.varint()],
    ['neither true nor false', [2], (reader) => reader.flag()],
    ['a number is longer than it need be', [0x80, 0], (reader) => reader.varint()],
    ['a number is longer than it need be', [0xff, 0x80, 0], (reader) => reader.varint()],
    [
      'a number is too large',
      [0, 0, 0, 0, 0, 0, 0].map(() => 0x80).concat(0x10),
      (reader) => reader.varint(),
    ],
    ['a number is too long', Array<number>(9).fill(0x80), (reader) => reader.varint()],
    ['a length exceeds the bytes', [2, 0x61], (reader) => reader.ascii()],
    ['a length exceeds the bytes', [2, 0x61], (reader) => reader.text(9)],
    ['a length exceeds the bytes', [2, 0x61], (reader) => reader.block()],
    ['a text is too long', [2, 0x61, 0x61], (reader) => reader.text(1)],
    ['a text is not UTF-8', [2, 0xc3, 0x28], (reader) => reader.text(9)],
    ['it announces more than there is', [3, 0, 0, 0, 0, 0], (reader) => reader.count(2)],
    ['bytes follow the end', [0], (reader) => reader.end()],
  ])('refuses, since %s: %j', (reason, bytes, take) => {
    const refused = () => take(new ByteReader(Uint8Array.from(bytes)));
    expect(refused).toThrow(Malformed);
    expect(refused).toThrow(reason);
  });

  it('takes a count that the bytes can hold', () => {
    expect(new ByteReader(Uint8Array.of(2, 0, 0, 0, 0)).count(2)).toBe(2);
  });

  it('reads each number in one way alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 9 }), (bytes) => {
        const reader = new ByteReader(bytes);
        let value: number;
        try {
          value = reader.varint();
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
          return;
        }
        const taken = bytes.subarray(0, bytes.length - reader.left);
        expect([...new ByteWriter().varint(value).take()]).toEqual([...taken]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps no more of the memory that it was given than what it detaches', () => {
    const arrived = new Uint8Array(65_536).fill(9);
    const reader = new ByteReader(arrived.subarray(100, 104));
    reader.byte();
    const rest = reader.detachRest();
    arrived.fill(0);
    const taken = [rest.byte(), rest.byte(), rest.byte(), rest.left];
    expect([taken, reader.left]).toEqual([[9, 9, 9, 0], 3]);
  });
});
