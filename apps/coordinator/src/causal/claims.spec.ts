import { describe, expect, it } from '@jest/globals';
import { Claims } from './claims.js';

const sender = 'coordinator-2.aaaaaaaa';
const channel = 'all';
const known = (sequence: number) => new Map([[channel, new Map([[sender, sequence]])]]);

describe('what is said of a sender', () => {
  const said = (claims: Claims, sequence: number, nowMs: number) =>
    claims.said(sender, channel, { sequence, nowMs });
  const heard = (claims: Claims, sequence: number, nowMs: number) =>
    claims.heard(sender, channel, { sequence, nowMs });
  const settled = (claims: Claims, sequence: number) =>
    claims.settled(known(sequence)).get(channel)?.get(sender);

  it('is believed as long as the sender has not spoken', () => {
    const claims = new Claims();
    expect(heard(claims, 500_007, 0)).toBe(500_007);
    expect(settled(claims, 500_007)).toBe(500_007);
  });

  it('is false when the sender, speaking later, has not come so far', () => {
    const claims = new Claims();
    heard(claims, 500_007, 0);
    said(claims, 7, 1_001);
    expect(settled(claims, 500_007)).toBe(7);
    // What comes after is true, though the lie is still known.
    expect(heard(claims, 8, 1_100)).toBe(8);
    expect(settled(claims, 500_007)).toBe(8);
  });

  it('stands when the word of the sender may have been on its way', () => {
    const claims = new Claims();
    heard(claims, 8, 0);
    said(claims, 7, 10);
    expect(settled(claims, 8)).toBe(8);
    said(claims, 8, 2_000);
    expect(settled(claims, 8)).toBe(8);
  });

  it('is never raised by the word of the sender', () => {
    const claims = new Claims();
    heard(claims, 3, 0);
    said(claims, Number.MAX_SAFE_INTEGER, 2_000);
    expect(settled(claims, 3)).toBe(3);
    said(claims, 4, 4_000);
    expect(heard(claims, 20_000, 4_100)).toBe(4);
  });

  it('is remembered of so many senders and channels', () => {
    const claims = new Claims({ leadMax: 1, settleMs: 0, sendersMax: 2, channelsMax: 1 });
    for (const name of ['a', 'b', 'c']) claims.said(name, channel, { sequence: 1, nowMs: 0 });
    expect(claims.heard('a', channel, { sequence: 9, nowMs: 0 })).toBe(9);
    expect(claims.heard('c', channel, { sequence: 9, nowMs: 0 })).toBe(1);
  });
});
