import { describe, expect, it } from '@jest/globals';
import { type Configuration, type Entry, type MemberId, type Message } from '@nexus/core/raft';
import { EntryWriter } from '@nexus/platform/raft-codec';
import { ByteReader, ByteWriter, Malformed } from '@nexus/wire';
import fc from 'fast-check';
import { readMessage, writeMessage } from './message-codec.js';

const member = (name: string) => `${name}.store` as MemberId;
const configuration: Configuration = { voters: [member('a'), member('b')], learners: [member('c')] };

const number = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.constantFrom(0, 127, 128, 2 ** 31, 2 ** 32, 2 ** 53 - 1),
);
const flag = fc.boolean();
const bytes = fc.uint8Array({ maxLength: 300 });

const entries = (firstIndex: number): fc.Arbitrary<Entry[]> =>
  fc
    .array(fc.record({ term: number, kind: fc.constantFrom('command', 'noop', 'configuration'), bytes }), {
      maxLength: 12,
    })
    .map((parts) =>
      parts.map((part, at): Entry => {
        const position = { index: firstIndex + at, term: part.term };
        if (part.kind === 'command') return { ...position, kind: 'command', command: part.bytes };
        if (part.kind === 'noop') return { ...position, kind: 'noop' };
        return { ...position, kind: 'configuration', configuration };
      }),
    );

const append = fc.nat(2 ** 40).chain((prevIndex) =>
  fc.record({
    kind: fc.constant('append_request' as const),
    ...{ term: number, prevIndex: fc.constant(prevIndex), prevTerm: number, commit: number, round: number },
    entries: entries(prevIndex + 1),
  }),
);

const of = <T extends object>(kind: Message['kind'], fields: { [F in keyof T]: fc.Arbitrary<T[F]> }) =>
  fc.record({ kind: fc.constant(kind), term: number, ...fields }) as unknown as fc.Arbitrary<Message>;

const chunk = fc.record({ offset: fc.nat(1_000), bytes }).chain(({ offset, bytes: part }) =>
  of('snapshot_chunk', {
    snapshot: fc.record({ index: number, term: number, configuration: fc.constant(configuration) }),
    offset: fc.constant(offset),
    bytes: fc.constant(part),
    totalBytes: fc.constant(offset + part.length),
    round: number,
  }),
);

const message: fc.Arbitrary<Message> = fc.oneof(
  of('pre_vote_request', { lastIndex: number, lastTerm: number }),
  of('pre_vote_reply', { granted: flag }),
  of('vote_request', { lastIndex: number, lastTerm: number, transfer: flag }),
  of('vote_reply', { granted: flag }),
  append,
  of('append_accepted', { matchIndex: number, round: number }),
  of('append_rejected', {
    ...{ prevIndex: number, lastIndex: number, round: number },
    conflict: fc.option(fc.record({ term: number, firstIndex: number })),
  }),
  of('heartbeat', { commit: number, round: number }),
  of('heartbeat_reply', { round: number }),
  chunk,
  of('snapshot_progress', { snapshotIndex: number, nextOffset: number, round: number }),
  of('timeout_now', {}),
);

const write = (sent: Message, entryWriter = new EntryWriter()): Uint8Array => {
  const writer = new ByteWriter();
  writeMessage(writer, sent, entryWriter);
  return writer.take();
};
/** Buffers and arrays of bytes alike. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
};

describe('the codec of Raft messages', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(plain(readMessage(new ByteReader(write(sent))))).toEqual(plain(sent));
      }),
    );
  });

  it('refuses every message that is cut short, or throws nothing but Malformed', () => {
    fc.assert(
      fc.property(message, fc.nat(), (sent, at) => {
        const whole = write(sent);
        const cut = whole.subarray(0, at % whole.length);
        // An append may end after any entry: it then is another, shorter one.
        if (sent.kind === 'append_request') onlyMalformed(cut);
        else expect(() => readMessage(new ByteReader(cut))).toThrow(Malformed);
      }),
    );
  });

  it('throws nothing but Malformed, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), onlyMalformed), { numRuns: 2_000 });
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (sent, at, value) => {
        const spoiled = Uint8Array.from(write(sent));
        spoiled[at % spoiled.length] = value;
        onlyMalformed(spoiled);
      }),
      { numRuns: 2_000 },
    );
  });

  it('writes the same run of entries once, and another one anew', () => {
    const run: Entry[] = [{ index: 5, term: 2, kind: 'command', command: Uint8Array.of(1, 2, 3) }];
    const other: Entry[] = [{ index: 5, term: 2, kind: 'command', command: Uint8Array.of(9) }];
    const writer = new EntryWriter();
    const first = writer.write(run);
    expect(writer.write([...run])).toBe(first);
    expect(writer.write(other)).not.toEqual(first);
    expect(writer.write(run)).toEqual(first);
  });

  it('keeps no more of the memory a message came in than its entries', () => {
    const sent: Message = {
      ...{ kind: 'append_request', term: 1, prevIndex: 4, prevTerm: 1, commit: 4, round: 0 },
      entries: [{ index: 5, term: 1, kind: 'command', command: Uint8Array.of(1, 2, 3) }],
    };
    const socketBuffer = new Uint8Array(65_536);
    const body = write(sent);
    socketBuffer.set(body, 100);
    const received = readMessage(new ByteReader(socketBuffer.subarray(100, 100 + body.length)));
    const [entry] = received.kind === 'append_request' ? received.entries : [];
    expect(entry?.kind === 'command' && entry.command.buffer.byteLength).toBeLessThan(64);
  });
});

function onlyMalformed(bytesOfAnyKind: Uint8Array): void {
  try {
    readMessage(new ByteReader(bytesOfAnyKind));
  } catch (error) {
    expect(error).toBeInstanceOf(Malformed);
  }
}
