import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes } from './message-size.js';

describe('utf8Bytes', () => {
  it('is what the encoder writes, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (text) => {
        expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});
