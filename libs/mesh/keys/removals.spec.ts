import { describe, expect, it } from '@jest/globals';
import { Removals } from './removals.js';

const bounds = { graceMs: 100, keptMsMax: 1_000, removalsMax: 3 };
const heard = () => true;
const unheard = () => false;

describe('Removals', () => {
  it('lets one go once all have heard of it, and its grace is over', () => {
    const removals = new Removals(bounds);
    removals.add('a', 0);
    expect(removals.due(99, heard)).toEqual([]);
    expect(removals.due(100, unheard)).toEqual([]);
    expect(removals.due(100, heard)).toEqual(['a']);
  });

  it('keeps one that somebody may not have heard of for long, and no longer', () => {
    const removals = new Removals(bounds);
    removals.add('a', 0);
    expect(removals.due(999, unheard)).toEqual([]);
    expect(removals.due(1_000, unheard)).toEqual(['a']);
  });

  it('lets the oldest go where there is no room', () => {
    const removals = new Removals(bounds);
    for (const key of ['a', 'b', 'c', 'd', 'e']) removals.add(key, 0);
    expect(removals.due(0, unheard)).toEqual(['a', 'b']);
  });

  it('counts one anew that was removed again, and none that stands no more', () => {
    const removals = new Removals(bounds);
    removals.add('a', 0);
    removals.add('b', 0);
    removals.add('a', 90);
    removals.drop('b');
    expect(removals.due(100, heard)).toEqual([]);
    expect(removals.due(190, heard)).toEqual(['a']);
  });
});
