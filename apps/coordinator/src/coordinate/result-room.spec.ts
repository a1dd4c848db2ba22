import { describe, expect, it } from '@jest/globals';
import { decodeBody, encodeBody, type Encoding, envelopeBytes } from '@nexus/wire';
import fc from 'fast-check';
import { ResultRoom } from './result-room.js';

const entryBytesMax = 10_000;
const replyBytesMax = entryBytesMax + envelopeBytes;
const encodings: readonly Encoding[] = ['json', 'msgpack'];

const roomFor = (encoding: Encoding, resultBytesMax = 1_000_000) =>
  new ResultRoom({ encoding, replyBytesMax, resultBytesMax });

/** Admits what the bytes say, as it is when an agent sent them. */
const admitting = (room: ResultRoom, bytes: Uint8Array, encoding: Encoding) => () =>
  room.admit(decodeBody(bytes, encoding, { bytesMax: bytes.length, depthMax: 40 })['data'], bytes.length);

const tooLarge = expect.objectContaining({ code: 'payload_too_large' });

describe('ResultRoom', () => {
  it('takes an answer that fills one message', () => {
    const data = 'x'.repeat(entryBytesMax - 2);
    expect(() => roomFor('json').admit(data, data.length)).not.toThrow();
    expect(() => roomFor('json').admit(`${data}x`, data.length + 1)).toThrow(tooLarge);
  });

  it('measures in the encoding of the reply, not of the answer', () => {
    const numbers = Buffer.from(`{"data":[${Array.from({ length: 1_500 }, () => '1e20').join(',')}]}`);
    expect(numbers.length).toBeLessThan(entryBytesMax);
    expect(admitting(roomFor('json'), numbers, 'json')).toThrow(tooLarge);

    const controls = encodeBody({ data: '\u0001'.repeat(2_000) }, 'msgpack');
    expect(admitting(roomFor('json'), controls, 'msgpack')).toThrow(tooLarge);
    expect(admitting(roomFor('msgpack'), controls, 'msgpack')).not.toThrow();
  });

  it('takes nothing that would not fit, whatever it is and however it came', () => {
    const data = fc.array(fc.jsonValue(), { maxLength: 20 });
    fc.assert(
      fc.property(data, fc.constantFrom(...encodings), fc.constantFrom(...encodings), (value, from, to) => {
        const small = new ResultRoom({ encoding: to, replyBytesMax: 200 + envelopeBytes });
        const written = encodeBody(value, to).length;
        const admit = admitting(small, encodeBody({ data: value }, from), from);
        if (written > 200) expect(admit).toThrow(tooLarge);
        else expect(admit).not.toThrow();
      }),
    );
  });

  it('takes answers until the result is full, then those that still fit', () => {
    const room = roomFor('json', 1_000);
    room.admit('x', 600);
    expect(() => room.admit('x', 500)).toThrow(tooLarge);
    expect(() => room.admit('x', 400)).not.toThrow();
    expect(() => room.admit('x', 1)).toThrow(tooLarge);
  });
});
