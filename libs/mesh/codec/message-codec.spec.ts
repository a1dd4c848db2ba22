import { describe, expect, it } from '@jest/globals';
import {
  type DigestEntry,
  type KeyChange,
  type MemberDelta,
  type MemberId,
  type MemberKind,
  type Message,
  messageBytes,
} from '@nexus/core/gossip';
import { Malformed } from '@nexus/wire';
import fc from 'fast-check';
import { MessageCodec } from './message-codec.js';

const count = fc.maxSafeNat();
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/).map((text) => text as MemberId);
const kind = fc.constantFrom<MemberKind>('relay', 'leaf');
/** Of whole characters: JSON never has halves of them. */
const text = (bytesMax: number) => fc.string({ unit: 'binary', maxLength: bytesMax / 4 });

const digestEntry: fc.Arbitrary<DigestEntry> = fc.record({
  ...{ id, kind, generation: count, heartbeat: count, maxVersion: count, collectedVersion: count },
  ...{ viewHash: count, vitals: text(128) },
});
const change: fc.Arbitrary<KeyChange> = fc.record({
  key: fc.stringMatching(/^[!-~]{1,40}$/),
  version: count,
  value: fc.option(text(400)),
});
const delta: fc.Arbitrary<MemberDelta> = fc.record({
  ...{ id, kind, generation: count, fromVersion: count, collectedVersion: count, reset: fc.boolean() },
  changes: fc.array(change, { maxLength: 5 }),
});
const address = { cluster: fc.stringMatching(/^[a-z]{1,12}$/), generation: count };
const digest = fc.array(digestEntry, { maxLength: 5 });
const deltas = fc.array(delta, { maxLength: 5 });
const urgent = fc.constant(true as const);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant('syn' as const), ...address, digest }),
  fc.record({ kind: fc.constant('syn' as const), ...address, digest, urgent }),
  fc.record({ kind: fc.constant('syn_ack' as const), ...address, digest, deltas }),
  fc.record({ kind: fc.constant('syn_ack' as const), ...address, digest, deltas, urgent }),
  fc.record({ kind: fc.constant('ack' as const), ...address, deltas }),
  fc.record({ kind: fc.constant('ack' as const), ...address, deltas, urgent }),
  fc.record({ kind: fc.constant('leave' as const), ...address, heartbeat: count }),
);

const codec = new MessageCodec();

/** What comes of any bytes. */
const outcome = (bytes: Uint8Array): Message | 'malformed' => {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof Malformed) return 'malformed';
    throw error;
  }
};

describe('MessageCodec', () => {
  it('reads what it wrote', () => {
    fc.assert(fc.property(message, (one) => expect(codec.decode(codec.encode(one))).toEqual(one)));
  });

  it('writes no more than the core reckons with', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(codec.encode(one).length).toBeLessThanOrEqual(messageBytes(one));
      }),
    );
  });

  it('writes one message in one way, and reads no other', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, flip) => {
        const bytes = codec.encode(one);
        bytes[at % bytes.length]! ^= flip;
        const other = outcome(bytes);
        if (other !== 'malformed') expect(codec.encode(other)).toEqual(bytes);
      }),
    );
  });

  it('makes a message of any bytes, or nothing', () => {
    const head = codec.encode({ kind: 'syn', cluster: 'c', generation: 1, digest: [] }).slice(0, 4);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isHeaded) => {
        outcome(isHeaded ? Uint8Array.of(...head, ...bytes) : bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses every message that ends early, and every one with more behind it', () => {
    fc.assert(
      fc.property(message, fc.nat(), (one, at) => {
        const bytes = codec.encode(one);
        expect(outcome(bytes.slice(0, at % bytes.length))).toBe('malformed');
        expect(outcome(Uint8Array.of(...bytes, 0))).toBe('malformed');
      }),
    );
  });

  it('builds nothing for a count that the bytes cannot hold', () => {
    const bytes = codec.encode({ kind: 'syn', cluster: 'c', generation: 1, digest: [] });
    const huge = Uint8Array.of(...bytes.slice(0, -1), 0xff, 0xff, 0xff, 0xff, 0x7f);
    expect(() => codec.decode(huge)).toThrow('announces more than there is');
  });

  it.each([
    ['an id that could widen a subject', 'a.b'],
    ['an empty id', ''],
    ['an id of another alphabet', 'ä'],
  ])('refuses %s', (_, name) => {
    const entry = { kind: 'relay', generation: 1, heartbeat: 1, maxVersion: 1 } as const;
    const forged = { ...entry, id: name as MemberId, collectedVersion: 0, viewHash: 0, vitals: '' };
    expect(outcome(codec.encode({ kind: 'syn', cluster: 'c', generation: 1, digest: [forged] }))).toBe(
      'malformed',
    );
  });

  it('is told from other messages by its first bytes', () => {
    for (const other of ['', '{}', '{"kind":"syn"}', 'NG', 'NG\u0002']) {
      expect(outcome(Buffer.from(other))).toBe('malformed');
    }
  });
});
