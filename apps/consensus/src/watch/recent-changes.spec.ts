import { describe, expect, it } from '@jest/globals';
import { type Change } from '@nexus/contracts';
import { RecentChanges } from './recent-changes.js';

const change = (index: number): Change => ({
  kind: 'lease',
  ...{ index, resource: 'r', owner: null, fencingToken: null },
});

describe('RecentChanges', () => {
  it('names the last change before those that it keeps', () => {
    const recent = new RecentChanges();
    expect(recent.all()).toEqual({ previousIndex: 0, changes: [] });
    recent.add([change(3), change(5)], 10);
    expect(recent.lastIndex).toBe(5);
    expect(recent.all()).toEqual({ previousIndex: 0, changes: [change(3), change(5)] });
  });

  it('keeps a bounded number, and a bounded number of bytes, and forgets whole turns', () => {
    const recent = new RecentChanges();
    for (let index = 1; index <= 5_000; index += 1) recent.add([change(index)], 10);
    const { previousIndex, changes } = recent.all();
    expect(changes.length).toBeLessThanOrEqual(2_048);
    expect(changes[0]?.index).toBe(previousIndex + 1);
    for (let index = 5_001; index <= 5_100; index += 1) recent.add([change(index)], 1_000_000);
    expect(recent.all().changes.length).toBeLessThan(6);
    expect(recent.lastIndex).toBe(5_100);
  });

  it('knows nothing one by one of what an image brought', () => {
    const recent = new RecentChanges();
    recent.add([change(3)], 10);
    recent.reset(50);
    expect(recent.lastIndex).toBe(50);
    expect(recent.all()).toEqual({ previousIndex: 50, changes: [] });
  });
});
