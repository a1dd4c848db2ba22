import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fingerprint } from './fingerprint.js';
import { targetSetKey } from './index.js';

describe('targetSetKey', () => {
  it('names each kind of target set', () => {
    expect(targetSetKey({ kind: 'all' })).toBe('all');
    expect(targetSetKey({ kind: 'group', group: 'workers' })).toBe('group:workers');
    expect(targetSetKey({ kind: 'capability', capability: 'hash' })).toBe('capability:hash');
    expect(targetSetKey({ kind: 'ids', ids: ['a'] })).toBe('ids:af63dc4c8601ec8c');
  });

  it('does not depend on the order of ids, and does not reorder them for the caller', () => {
    const ids = ['b', 'a', 'c'];
    expect(targetSetKey({ kind: 'ids', ids })).toBe(targetSetKey({ kind: 'ids', ids: ['c', 'b', 'a'] }));
    expect(ids).toEqual(['b', 'a', 'c']);
  });

  it('tells ids apart by where one ends', () => {
    expect(targetSetKey({ kind: 'ids', ids: ['ab', 'c'] })).not.toBe(
      targetSetKey({ kind: 'ids', ids: ['a', 'bc'] }),
    );
  });
});

describe('fingerprint', () => {
  // From the test vectors that the authors of FNV publish.
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('of %j is the published FNV-1a hash', (text, expected) => {
    expect(fingerprint([text])).toBe(expected);
  });

  it('equals FNV-1a as defined on 64-bit integers', () => {
    const reference = (text: string) => {
      let hash = 0xcbf29ce484222325n;
      for (const char of text) {
        hash = BigInt.asUintN(64, (hash ^ BigInt(char.charCodeAt(0))) * 0x100000001b3n);
      }
      return hash.toString(16).padStart(16, '0');
    };
    const ascii = fc.array(fc.string({ unit: 'binary-ascii' }), { maxLength: 20 });
    fc.assert(fc.property(ascii, (texts) => expect(fingerprint(texts)).toBe(reference(texts.join('\n')))));
  });
});
