import { describe, expect, it } from '@jest/globals';
import { type MemberId } from '@nexus/core/raft';
import { Incarnations } from './incarnations.js';

const a = 'a.s' as MemberId;
const b = 'b.s' as MemberId;

describe('Incarnations', () => {
  it('voids what an earlier life of a member sent, as soon as a later one was heard', () => {
    const incarnations = new Incarnations();
    expect(incarnations.isCurrent(a, 'one')).toBe(true);
    expect(incarnations.isCurrent(a, 'one')).toBe(true);
    expect(incarnations.isCurrent(a, 'two')).toBe(true);
    expect(incarnations.isCurrent(a, 'one')).toBe(false);
    expect(incarnations.isCurrent(b, 'one')).toBe(true);
  });

  it('remembers a bounded number of members', () => {
    const incarnations = new Incarnations();
    for (let n = 0; n < 1_000; n += 1) incarnations.isCurrent(`m${n}.s` as MemberId, 'x');
    expect(incarnations.isCurrent(a, 'one')).toBe(true);
  });
});
