import { describe, expect, it } from '@jest/globals';
import { RecentTargetSets } from './recent-target-sets.js';

describe('RecentTargetSets', () => {
  it('forgets the one that was used longest ago, and says so', () => {
    const forgotten: string[] = [];
    const sets = new RecentTargetSets<{ readonly name: string }>(2, ({ name }) => forgotten.push(name));
    for (const name of ['a', 'b']) sets.add(name, { name });
    expect(sets.get('a')?.name).toBe('a');
    sets.add('c', { name: 'c' });
    expect(forgotten).toEqual(['b']);
    expect(sets.get('b')).toBeUndefined();
    expect([...sets.values()].map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it('counts a use of the latest as well', () => {
    const sets = new RecentTargetSets<{ readonly name: string }>(2);
    for (const name of ['a', 'b']) sets.add(name, { name });
    // b is the latest and need not be moved; a after it, and b again, must be.
    for (const name of ['b', 'a', 'b']) expect(sets.get(name)?.name).toBe(name);
    sets.add('c', { name: 'c' });
    expect(sets.get('a')).toBeUndefined();
    expect(sets.get('b')?.name).toBe('b');
  });

  it('keeps one at least', () => {
    expect(() => new RecentTargetSets(0)).toThrow('at least one');
  });
});
