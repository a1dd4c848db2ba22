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

  it('takes no more items than it needs to know that there are more', () => {
    const taken: string[] = [];
    function* taking() {
      for (const item of items) {
        taken.push(item);
        yield item;
      }
    }
    expect(pageOf({ ...{ nameOf, after: undefined, limit: 2, bytesMax: 1_000 }, items: taking() })).toEqual({
      items: ['a', 'b'],
      cursor: 'b',
    });
    expect(taken).toEqual(['a', 'b', 'c']);
  });

  it('ends before its limit where more would not fit, and has one item at least', () => {
    expect(page(undefined, 5, 8)).toEqual({ items: ['a', 'b'], cursor: 'b' });
    expect(page(undefined, 5, 1)).toEqual({ items: ['a'], cursor: 'a' });
  });
});
