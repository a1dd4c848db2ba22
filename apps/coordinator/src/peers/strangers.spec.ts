import { describe, expect, it } from '@jest/globals';
import { Strangers } from './strangers.js';

describe('strangers', () => {
  it('are believed, but not more than a few', () => {
    const strangers = new Strangers(2);
    const names = Array.from({ length: 1_000 }, (_, n) => `invented-${n}`);
    expect(names.filter((name) => strangers.admit(name))).toEqual(['invented-0', 'invented-1']);
    expect(strangers.admit('invented-1')).toBe(true);
  });

  it('make room for others after a while', () => {
    const strangers = new Strangers(1, 0);
    expect(strangers.admit('one')).toBe(true);
    expect(strangers.admit('other')).toBe(true);
  });
});
