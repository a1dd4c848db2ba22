import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeBatch, encodeBatch, encodeHead, encodeItem } from './batch-codec.js';

const bytesMax = 1_000_000;

describe('the codec of batches', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 20 }), (items) => {
        const text = JSON.stringify(items);
        // Refused before it gets here: a decoder of MessagePack renames it.
        fc.pre(!text.includes('__proto__'));
        const sent: unknown = JSON.parse(text);
        const head = { cluster: 'nexus', from: 'c1', asker: 'c1-x' };
        const bytes = encodeBatch(encodeHead(head), (sent as unknown[]).map(encodeItem));
        expect(decodeBatch(bytes, bytesMax)).toEqual({ ...head, items: sent });
      }),
    );
  });

  it('refuses what is none, and what is too large', () => {
    const head = encodeHead({ cluster: 'nexus', from: 'not an id', asker: 'x' });
    expect(decodeBatch(encodeBatch(head, []), bytesMax)).toBeUndefined();
    expect(() => decodeBatch(Uint8Array.of(0xc1), bytesMax)).toThrow();
    expect(() => decodeBatch(encodeBatch(head, [encodeItem('x'.repeat(100))]), 50)).toThrow();
  });
});
