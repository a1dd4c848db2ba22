import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { resolvePointer } from './index.js';

// The document and the pointers of RFC 6901, section 5.
const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

describe('resolvePointer', () => {
  it.each([
    ['', document],
    ['/foo', document.foo],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('finds what RFC 6901 section 5 finds at %j', (pointer, value) => {
    expect(resolvePointer(document, pointer)).toEqual({ kind: 'found', value });
  });

  it.each([
    '/bar', '/foo/2', '/foo/-', '/foo/00', '/foo/01', '/foo/1e0', '/foo/length', '/foo/0/0', '/foo/0/length',
    'foo', '/m~n', '/m~2n', '/m~', '/__proto__', '/constructor', '/toString', '/foo/__proto__',
  ])('finds nothing at %j', (pointer) => {
    expect(resolvePointer(document, pointer)).toEqual({ kind: 'absent' });
  }); // prettier-ignore

  it('finds null and undefined, which are there, and walks through neither', () => {
    expect(resolvePointer({ a: null }, '/a')).toEqual({ kind: 'found', value: null });
    expect(resolvePointer({ a: null }, '/a/b')).toEqual({ kind: 'absent' });
    expect(resolvePointer(undefined, '/a')).toEqual({ kind: 'absent' });
  });

  it('finds an own property of any name', () => {
    expect(resolvePointer(JSON.parse('{"__proto__":{"x":1}}'), '/__proto__/x')).toEqual({
      kind: 'found',
      value: 1,
    });
  });

  it('finds every property by its escaped name', () => {
    const escape = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
    const key = fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a') });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 6 }), fc.anything(), (path, leaf) => {
        const tree = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), leaf);
        const pointer = path.map((name) => `/${escape(name)}`).join('');
        const found = resolvePointer(tree, pointer);
        expect(found.kind === 'found' && Object.is(found.value, leaf)).toBe(true);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), fc.string(), (value, text) => void resolvePointer(value, text)));
  });
});
