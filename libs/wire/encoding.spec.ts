import { describe, expect, it } from '@jest/globals';
import { limits, NexusError } from '@nexus/contracts';
import fc from 'fast-check';
import {
  contentTypeOf,
  decodeBody,
  encodeBody,
  type Encoding,
  encodingOf,
  passesAsJson,
} from './encoding.js';

const encodings: Encoding[] = ['json', 'msgpack'];

/** The code with which a body is refused, or `accepted`. Anything thrown but a NexusError fails the test. */
function outcome(bytes: Uint8Array, encoding: Encoding = 'json', depthMax: number = limits.depthMax): string {
  try {
    decodeBody(bytes, encoding, { bytesMax: limits.requestBytesMax, depthMax });
    return 'accepted';
  } catch (error) {
    if (error instanceof NexusError) return error.code;
    throw error;
  }
}

const text = (body: string) => Buffer.from(body);
const bytes = (...values: (number | number[])[]) => Uint8Array.from(values.flat());
/** A MessagePack map with the one key `a` and these bytes as its value. */
const field = (...value: number[]) => bytes(0x81, 0xa1, 0x61, value);

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 }), { noNullPrototype: true });
/** JSON has one zero. */
const withoutNegativeZero = (value: Record<string, unknown>) =>
  JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

describe.each(encodings)('a body in %s', (encoding) => {
  it('is the same after a round trip', () => {
    fc.assert(
      fc.property(jsonObject, (generated) => {
        const value = withoutNegativeZero(generated);
        // msgpackr renames this one key rather than set a prototype.
        fc.pre(encoding === 'json' || !JSON.stringify(value).includes('__proto__'));
        expect(decodeBody(encodeBody(value, encoding), encoding)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('may be empty, which stands for an object without fields', () => {
    expect(decodeBody(new Uint8Array(), encoding)).toEqual({});
  });

  it('is refused when it is no object', () => {
    for (const value of [null, true, 1, 'text', [], [{}]]) {
      expect(outcome(encodeBody(value, encoding), encoding)).toBe('invalid_argument');
    }
  });

  it('may be as deep as the limit, and no level more', () => {
    expect(outcome(encodeBody(nested(limits.depthMax), encoding), encoding)).toBe('accepted');
    expect(outcome(encodeBody(nested(limits.depthMax + 1), encoding), encoding)).toBe('invalid_argument');
  });

  it.each([1, true, null, [[]]])('counts %j as a level of its own', (leaf) => {
    const levels = Array.isArray(leaf) ? 2 : 1;
    expect(outcome(encodeBody(nested(limits.depthMax - levels, { leaf }), encoding), encoding)).toBe(
      'accepted',
    );
    expect(outcome(encodeBody(nested(limits.depthMax - levels + 1, { leaf }), encoding), encoding)).toBe(
      'invalid_argument',
    );
  });

  it('may be as large as the limit, and no byte more', () => {
    const overhead = encodeBody({ a: 'x'.repeat(limits.requestBytesMax - 64) }, encoding).length;
    const fill = limits.requestBytesMax - 64 + (limits.requestBytesMax - overhead);
    const largest = encodeBody({ a: 'x'.repeat(fill) }, encoding);
    expect(largest).toHaveLength(limits.requestBytesMax);
    expect(outcome(largest, encoding)).toBe('accepted');
    expect(outcome(encodeBody({ a: 'x'.repeat(fill + 1) }, encoding), encoding)).toBe('payload_too_large');
  });

  it('is refused when it was cut short', () => {
    const whole = encodeBody({ a: [1, 2, { b: 'three' }], c: 4.5 }, encoding);
    for (let length = 1; length < whole.length; length += 1) {
      expect([length, outcome(whole.subarray(0, length), encoding)]).toEqual([length, 'invalid_argument']);
    }
  });

  it('is refused when something follows', () => {
    const whole = encodeBody({ a: 1 }, encoding);
    for (const more of [[0xc1], [0x7d], [0x00], [...whole]]) {
      expect(outcome(bytes([...whole], more), encoding)).toBe('invalid_argument');
    }
  });

  it('changes no prototype, whatever its keys are', () => {
    const evil = text('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    const body = encoding === 'json' ? evil : evilMessagePack();
    if (outcome(body, encoding) === 'accepted') {
      const value = decodeBody(body, encoding);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(value['polluted']).toBeUndefined();
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is decoded or refused with a NexusError, whatever its bytes are', () => {
    const noise = fc.uint8Array({ maxLength: 512 });
    const damaged = fc.tuple(jsonObject, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const copy = Uint8Array.from(encodeBody(value, encoding));
      if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(noise, damaged), (body) => {
        expect(['accepted', 'invalid_argument']).toContain(outcome(body, encoding));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a JSON body', () => {
  it.each([
    ...['{', '}', '[', 'null', 'nul', '{"a":}', '{a:1}', "{'a':1}", '{"a":1,}', '\u0000', ' '],
    ...['{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":1e999}', '{"a":[-1e999]}', '\ufeff{}'],
  ])('%j is refused', (body) => {
    expect(outcome(text(body))).toBe('invalid_argument');
  });

  it('is refused when it is not UTF-8', () => {
    for (const wrong of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
      expect(outcome(bytes([...text('{"a":"')], wrong, [...text('"}')]))).toBe('invalid_argument');
    }
  });

  it.each(['[', '{"a":'])('does not exhaust the stack when it opens %j without end', (open) => {
    const count = Math.floor(limits.requestBytesMax / open.length) - 1;
    expect(outcome(text(open.repeat(count)))).toBe('invalid_argument');
    const roomy = { bytesMax: 2_000_000, depthMax: limits.depthMax };
    expect(() => decodeBody(text('['.repeat(200_000)), 'json', roomy)).toThrow(NexusError);
    expect(() => decodeBody(text(`${'['.repeat(200_000)}${']'.repeat(200_000)}`), 'json', roomy)).toThrow(
      NexusError,
    );
  });
});

describe('a MessagePack body', () => {
  it.each([
    ['array32 of 4 billion', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['map32 of 4 billion', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['str32 of 4 GB', [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ['bin32 of 4 GB', [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ['ext32 of 4 GB', [0xc9, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['array16 of 65535', [0xdc, 0xff, 0xff]],
    ['map16 of 65535', [0xde, 0xff, 0xff]],
    ['str16 of 65535', [0xda, 0xff, 0xff]],
  ])('is refused at once when it announces %s that is not there', (_, announced) => {
    expect(outcome(Uint8Array.from(announced), 'msgpack')).toBe('invalid_argument');
    expect(outcome(field(...announced), 'msgpack')).toBe('invalid_argument');
  });

  it.each([
    ['bin8', [0xc4, 0x01, 0x00]],
    ['fixext1', [0xd4, 0x01, 0x00]],
    ['the timestamp extension', [0xd6, 0xff, 0x00, 0x00, 0x00, 0x00]],
    ['the never used byte', [0xc1]],
    ['a record definition of msgpackr', [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01]],
    ['NaN', [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ['Infinity', [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]],
    ['-Infinity as float32', [0xca, 0xff, 0x80, 0, 0]],
  ])('is refused when it holds %s', (_, value) => {
    expect(outcome(field(...value), 'msgpack')).toBe('invalid_argument');
  });

  it('may hold every type that JSON can express', () => {
    const uint64 = field(0xcf, 0, 0, 0, 1, 0, 0, 0, 0);
    expect(decodeBody(uint64, 'msgpack')).toEqual({ a: 4_294_967_296 });
    const int64 = field(0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe);
    expect(decodeBody(int64, 'msgpack')).toEqual({ a: -2 });
    expect(decodeBody(field(0xca, 0x3f, 0x80, 0, 0), 'msgpack')).toEqual({ a: 1 });
  });

  it('does not exhaust the stack when it is all opening arrays', () => {
    const bomb = new Uint8Array(200_000).fill(0x91);
    expect(outcome(bomb, 'msgpack')).toBe('invalid_argument');
    expect(outcome(bytes([...bomb], 0xc0), 'msgpack')).toBe('invalid_argument');
  });
});

describe('passesAsJson', () => {
  const passes = (value: unknown) => passesAsJson(value, limits.depthMax - 1);

  it('says before what the guard says after', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 40 }), (value) => {
        expect(passes(value)).toBe(outcome(encodeBody({ value })) === 'accepted');
      }),
    );
  });

  it('ends with what has no end', () => {
    const circle: Record<string, unknown> = {};
    circle['itself'] = circle;
    expect(passes(circle)).toBe(false);
  });

  it.each([Number.NaN, [Infinity], { a: { b: -Infinity } }])('does not let %p through', (value) => {
    expect(passes(value)).toBe(false);
  });
});

describe('encodingOf', () => {
  it('reads the header as HTTP would', () => {
    expect(encodingOf(undefined)).toBe('json');
    expect(encodingOf('Application/JSON; charset=utf-8')).toBe('json');
    for (const encoding of encodings) expect(encodingOf(contentTypeOf(encoding))).toBe(encoding);
    expect(encodingOf('application/x-msgpack')).toBe('msgpack');
  });

  it('refuses a type that Nexus does not speak', () => {
    for (const type of ['text/xml', 'json', 'application/jsonp'])
      expect(() => encodingOf(type)).toThrow(NexusError);
  });
});

function nested(levels: number, innermost: unknown = {}): unknown {
  let value = innermost;
  for (let depth = 0; depth < levels; depth += 1) value = { a: value };
  return value;
}

/** `{"__proto__": {"polluted": true}}`, written by hand, since an encoder would skip the key. */
function evilMessagePack(): Uint8Array {
  const proto = [...text('__proto__')];
  const polluted = [...text('polluted')];
  return bytes(0x81, 0xa0 + proto.length, proto, 0x81, 0xa0 + polluted.length, polluted, 0xc3);
}
