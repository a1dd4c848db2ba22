import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CausalSender, type SenderOptions } from './index.js';
import { frontiersOf } from './testdata/broadcast.js';

const options: SenderOptions = {
  self: 'me.00000001',
  channelsMax: 3,
  ownChannelsMax: 5,
  sendersMax: 6,
  aheadMax: 100,
  introducedMax: 1_000,
  forgetAfterMs: 60_000,
  beaconFirstMs: 250,
  beaconLastMs: 30_000,
};
const sender = (changed: Partial<SenderOptions> = {}) => new CausalSender({ ...options, ...changed });

describe('what is sent', () => {
  it('is counted a channel from 1, and comes after what was sent before', () => {
    const me = sender();
    expect(me.broadcast('all', 1).broadcast).toEqual({ channel: 'all', sequence: 1 });
    expect(me.broadcast('group.a', 2).broadcast).toEqual({ channel: 'group.a', sequence: 1 });
    const { broadcast, after } = me.broadcast('all', 3);
    expect(broadcast).toEqual({ channel: 'all', sequence: 2 });
    expect(after).toEqual(frontiersOf({ all: { 'me.00000001': 1 }, 'group.a': { 'me.00000001': 1 } }));
  });

  it('moves no sequence when it goes to single receivers', () => {
    const me = sender();
    me.broadcast('all', 1);
    expect(me.targeted()).toEqual({
      sender: 'me.00000001',
      broadcast: undefined,
      after: frontiersOf({ all: { 'me.00000001': 1 } }),
    });
    me.targeted();
    expect(me.broadcast('all', 2).broadcast?.sequence).toBe(2);
  });

  it('keeps its stamp, whatever is sent afterwards', () => {
    const me = sender();
    me.broadcast('all', 1);
    const { after } = me.broadcast('all', 2);
    me.broadcast('all', 3);
    expect(after).toEqual(frontiersOf({ all: { 'me.00000001': 1 } }));
  });

  it('comes after what was delivered, and after what that came after', () => {
    const me = sender();
    me.delivered(
      {
        sender: 'b.00000001',
        broadcast: { channel: 'all', sequence: 4 },
        after: frontiersOf({ all: { 'b.00000001': 3 }, 'group.z': { 'c.00000001': 2 } }),
      },
      1,
    );
    expect(me.targeted().after).toEqual(
      frontiersOf({ all: { 'b.00000001': 4 }, 'group.z': { 'c.00000001': 2 } }),
    );
  });

  it('goes on counting on channels that its stamps no longer name', () => {
    const me = sender();
    for (const channel of ['one', 'two', 'three', 'four', 'five']) me.broadcast(channel, 1);
    expect(me.frontiers.size).toBe(3);
    const { broadcast, after } = me.broadcast('one', 2);
    expect([broadcast?.sequence, after.get('one')?.get('me.00000001')]).toEqual([2, 1]);
    expect(me.hasRoomFor('six')).toBe(false);
    expect(() => me.broadcast('six', 3)).toThrow('room');
  });
});

describe('what others have seen', () => {
  it('is taken up, as far as it can be believed', () => {
    const me = sender();
    me.broadcast('all', 1);
    me.observe(frontiersOf({ all: { 'b.00000001': 10 } }), { nowMs: 1, by: 'b.00000001' });
    const refused = me.observe(
      frontiersOf({ all: { 'me.00000001': 2, 'b.00000001': 111, 'c.00000001': 7, 'd.00000001': 1.5 } }),
      { nowMs: 2 },
    );
    expect(refused).toEqual(
      new Map([
        ['beyond_issued', 1],
        ['step_too_large', 1],
        ['malformed', 1],
      ]),
    );
    expect(me.frontiers).toEqual(
      frontiersOf({ all: { 'me.00000001': 1, 'b.00000001': 10, 'c.00000001': 7 } }),
    );
  });

  it('is believed up to a bound of whom nothing was heard, however often it is said', () => {
    const me = sender();
    const b = 'b.00000001';
    const say = (sequence: number, by = 'c.00000001') => [
      ...me.observe(frontiersOf({ all: { [b]: sequence } }), { nowMs: 1, by }).keys(),
    ];
    expect(say(50_000_000)).toEqual(['step_too_large']);
    expect(me.frontiers).toEqual(frontiersOf({}));
    expect(say(900)).toEqual([]);
    expect(say(1_001)).toEqual(['step_too_large']);
    // Of itself a sender is believed, and from there on others within a step.
    expect(say(5_000, b)).toEqual([]);
    expect(say(5_100)).toEqual([]);
    expect(say(5_101)).toEqual(['step_too_large']);
    expect(me.frontiers).toEqual(frontiersOf({ all: { [b]: 5_100 } }));
  });

  it('is corrected by the word of the one it is about', () => {
    const me = sender();
    me.observe(frontiersOf({ all: { 'b.00000001': 1_000 } }), { nowMs: 1, by: 'c.00000001' });
    me.observe(frontiersOf({ all: { 'b.00000001': 5 } }), { nowMs: 2, by: 'b.00000001' });
    expect(me.frontiers).toEqual(frontiersOf({ all: { 'b.00000001': 5 } }));
  });

  it('leaves the stamps when it did not advance for long; what was sent stays', () => {
    const me = sender();
    me.broadcast('all', 1);
    me.observe(frontiersOf({ all: { 'b.00000001': 1 }, 'group.a': { 'b.00000001': 1 } }), { nowMs: 1 });
    me.observe(frontiersOf({ all: { 'c.00000001': 1 } }), { nowMs: 50_000 });
    expect(me.broadcast('all', 70_000).after).toEqual(
      frontiersOf({ all: { 'me.00000001': 1, 'c.00000001': 1 } }),
    );
  });

  it('does not come back into the stamps when it is told again, unless it has advanced', () => {
    const me = sender();
    const tell = (sequence: number, nowMs: number) =>
      me.observe(frontiersOf({ 'group.a': { 'b.00000001': sequence } }), { nowMs });
    tell(3, 1);
    tell(3, 70_000);
    expect(me.frontiers).toEqual(frontiersOf({}));
    tell(2, 71_000);
    expect(me.frontiers).toEqual(frontiersOf({}));
    tell(4, 72_000);
    expect(me.frontiers).toEqual(frontiersOf({ 'group.a': { 'b.00000001': 4 } }));
  });

  it('makes room for a channel by one of which nothing is told any more', () => {
    const me = sender();
    const tell = (channel: string, nowMs: number) =>
      me.observe(frontiersOf({ [channel]: { 'b.00000001': 1 } }), { nowMs });
    for (const channel of ['one', 'two', 'three']) tell(channel, 1);
    expect([...tell('four', 2).keys()]).toEqual(['too_many_channels']);
    expect(tell('four', 70_000).size).toBe(0);
    expect([...me.frontiers.keys()]).toEqual(['four']);
  });

  it('takes no more room than there is, whoever is invented', () => {
    const invented = fc.dictionary(
      fc.constantFrom('all', 'group.a', 'group.b', 'group.c', '__proto__'),
      fc.dictionary(
        fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 20 })).map(([id, life]) => `x${id}.${10_000_000 + life}`),
        fc.double(),
      ),
    );
    fc.assert(
      fc.property(fc.array(invented, { maxLength: 10 }), (claims) => {
        const me = sender();
        for (const [at, claim] of claims.entries()) me.observe(frontiersOf(claim), { nowMs: at });
        me.broadcast('all', 100);
        expect(me.frontiers.size).toBeLessThanOrEqual(3);
        for (const frontier of me.frontiers.values()) expect(frontier.size).toBeLessThanOrEqual(7);
        expect(me.frontiers.get('all')?.get('me.00000001')).toBe(1);
      }),
    );
  });
});

describe('beacons', () => {
  it('follow the last broadcast on a channel at 250 ms, and ever more seldom up to 30 s', () => {
    const me = sender();
    expect(me.beaconDueAtMs).toBeUndefined();
    me.broadcast('all', 1_000);
    const told: number[] = [];
    for (let beacons = 0; beacons < 10; beacons += 1) {
      const nowMs = me.beaconDueAtMs!;
      expect(me.takeBeacons(nowMs)).toEqual(new Map([['all', 1]]));
      told.push(nowMs);
    }
    const waits = told.map((atMs, at) => atMs - (told[at - 1] ?? 1_000));
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    me.broadcast('all', 200_000);
    expect(me.beaconDueAtMs).toBe(200_250);
    expect(me.takeBeacons(200_249).size).toBe(0);
  });

  it('wait for a pause between broadcasts, and for two seconds at most', () => {
    const me = sender();
    const told: number[] = [];
    for (let nowMs = 0; nowMs <= 5_000; nowMs += 100) {
      me.broadcast('all', nowMs);
      if (me.beaconDueAtMs! <= nowMs && me.takeBeacons(nowMs).size > 0) told.push(nowMs);
    }
    expect(told).toEqual([2_000, 4_100]);
  });
});
