import { describe, expect, it } from '@jest/globals';
import { type MemberId } from '@nexus/contracts';
import { RoundTrips } from './round-trips.js';

const id = (name: string) => name as MemberId;

describe('RoundTrips', () => {
  it('averages what it measures, the newest with a fifth', () => {
    const trips = new RoundTrips(8);
    trips.sent(id('a'), 100);
    trips.answered(id('a'), 110);
    expect(trips.of(id('a'))).toBe(10);
    trips.sent(id('a'), 200);
    trips.answered(id('a'), 220);
    expect(trips.of(id('a'))).toBe(12);
  });

  it('counts each question once, and answers to no question not at all', () => {
    const trips = new RoundTrips(8);
    trips.answered(id('a'), 50);
    expect(trips.of(id('a'))).toBeUndefined();
    trips.sent(id('a'), 100);
    trips.answered(id('a'), 110);
    trips.answered(id('a'), 9_000);
    expect(trips.of(id('a'))).toBe(10);
  });

  it('tells the median of all peers', () => {
    const trips = new RoundTrips(8);
    expect(trips.medianMs).toBeUndefined();
    for (const [name, ms] of [
      ['a', 1],
      ['b', 500],
      ['c', 3],
    ] as const) {
      trips.sent(id(name), 0);
      trips.answered(id(name), ms);
    }
    expect(trips.medianMs).toBe(3);
  });

  it('remembers so many peers and no more', () => {
    const trips = new RoundTrips(2);
    for (const name of ['a', 'b', 'c']) {
      trips.sent(id(name), 0);
      trips.answered(id(name), 1);
    }
    expect([trips.of(id('a')), trips.of(id('b')), trips.of(id('c'))]).toEqual([undefined, 1, 1]);
    trips.forget(id('b'));
    expect(trips.of(id('b'))).toBeUndefined();
  });
});
