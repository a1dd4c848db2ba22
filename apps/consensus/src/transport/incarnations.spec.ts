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

  it('takes a life for the living one again when it goes on and the other does not', () => {
    const incarnations = new Incarnations();
    incarnations.isCurrent(a, 'living');
    incarnations.isCurrent(a, 'dead');
    const heard = Array.from({ length: 20 }, () => incarnations.isCurrent(a, 'living'));
    expect(heard[0]).toBe(false);
    expect(heard.slice(10)).not.toContain(false);
    expect(incarnations.isCurrent(a, 'dead')).toBe(false);
  });

  it('keeps to the living one while late messages come between its own', () => {
    const incarnations = new Incarnations();
    incarnations.isCurrent(a, 'dead');
    for (let n = 0; n < 50; n += 1) {
      expect(incarnations.isCurrent(a, 'living')).toBe(true);
      for (let late = 0; late < 5; late += 1) expect(incarnations.isCurrent(a, 'dead')).toBe(false);
    }
  });

  it('remembers a bounded number of members', () => {
    const incarnations = new Incarnations();
    for (let n = 0; n < 1_000; n += 1) incarnations.isCurrent(`m${n}.s` as MemberId, 'x');
    expect(incarnations.isCurrent(a, 'one')).toBe(true);
  });
});
