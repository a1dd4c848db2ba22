import { describe, expect, it } from '@jest/globals';
import { type Page, pageOf } from './page.js';

const items = ['a', 'b', 'c', 'd', 'e'];
const nameOf = (item: string) => item;
const page = (after: string | undefined, limit: number, bytesMax = 1_000): Page<string> =>
  pageOf({ items, nameOf, after, limit, bytesMax });

describe('pageOf', () => {
  it('walks through all items, each once', () => {
    expect(page(undefined, 2)).toEqual({ items: ['a', 'b'], cursor: 'b' });
    expect(page('b', 2)).toEqual({ items: ['c', 'd'], cursor: 'd' });
    expect(page('d', 2)).toEqual({ items: ['e'], cursor: null });
    expect(page('e', 2)).toEqual({ items: [], cursor: null });
  });

  it('goes on behind a name that is gone', () => {
    expect(page('bb', 2)).toEqual({ items: ['c', 'd'], cursor: 'd' });
  });

  it('ends before its limit where more would not fit, and has one item at least', () => {
    expect(page(undefined, 5, 8)).toEqual({ items: ['a', 'b'], cursor: 'b' });
    expect(page(undefined, 5, 1)).toEqual({ items: ['a'], cursor: 'a' });
  });
});
