import { describe, expect, it } from '@jest/globals';
import { type Clock, clockSchema, limits } from '@nexus/contracts';
import { AgentClock } from './agent-clock.js';

const self = 'me.aaaaaaaa';
const clockOf = (names: readonly string[], counter = 1): Clock =>
  clockSchema.parse(Object.fromEntries(names.map((name) => [name, counter])));
const ghosts = (count: number, round = 0) =>
  Array.from({ length: count }, (_, each) => `ghost-${round}-${each}.aaaaaaaa`);

function newClock(hears: (name: string) => boolean = () => false) {
  const time = { nowMs: 0 };
  return { clock: new AgentClock(self, { hears, now: () => time.nowMs }), time };
}

describe('AgentClock', () => {
  it('always has a place for itself, and fits a message', () => {
    const { clock } = newClock(() => true);
    for (let round = 0; round < 3; round += 1) clock.received(clockOf(ghosts(1_024, round)), 'm.aaaaaaaa');
    const mine = clock.originate();
    expect(clockSchema.safeParse(mine).success).toBe(true);
    expect(Object.keys(mine)).toHaveLength(limits.clockEntriesMax);
    expect(mine).toMatchObject({ [self]: 1 });
    clock.received(clockOf(ghosts(1_024, 9)), 'm.aaaaaaaa');
    expect(clockSchema.safeParse(clock.originate()).success).toBe(true);
  });

  it('takes a bounded number of processes by the word of others, and still the word of those who speak', () => {
    const { clock } = newClock((name) => name === 'heard.aaaaaaaa');
    let refused = 0;
    for (let round = 0; round < 4; round += 1) {
      refused += clock.received(clockOf(ghosts(1_000, round)), `mallory-${round}.aaaaaaaa`);
    }
    expect(refused).toBe(4_000 - 256);
    const spoken = ['honest.bbbbbbbb', 'coordinator-1-ABCDEFGHIJ', 'heard.aaaaaaaa'];
    expect(clock.received(clockOf(spoken.slice(0, 1)), 'honest.bbbbbbbb')).toBe(0);
    expect(clock.received(clockOf(spoken.slice(1, 2)), 'coordinator-1.cccccccc')).toBe(0);
    expect(clock.received(clockOf(spoken.slice(2)), 'honest.bbbbbbbb')).toBe(0);
    expect(Object.keys(clock.originate())).toEqual(expect.arrayContaining(spoken));
  });

  it('takes one name of its own from each message', () => {
    const { clock } = newClock();
    clock.received(clockOf(ghosts(256)), 'm.aaaaaaaa');
    const names = Array.from({ length: 9 }, (_, each) => `m-ABCDEFGHI${each}`);
    expect(clock.received(clockOf(names), 'm.aaaaaaaa')).toBe(8);
  });

  it('forgets what has not changed for ten minutes, and makes room by it', () => {
    const { clock, time } = newClock();
    clock.received(clockOf(['steady.aaaaaaaa', ...ghosts(255)]), 'm.aaaaaaaa');
    clock.originate();
    time.nowMs = 400_000;
    expect(clock.received(clockOf(ghosts(1, 1)), 'm.aaaaaaaa')).toBe(1);
    clock.received(clockOf(['steady.aaaaaaaa'], 2), 'm.aaaaaaaa');
    time.nowMs = 700_000;
    expect(clock.received(clockOf(ghosts(255, 1)), 'm.aaaaaaaa')).toBe(0);
    const known = clock.originate();
    expect(Object.keys(known)).toHaveLength(257);
    expect(known).toMatchObject({ 'steady.aaaaaaaa': 2, [self]: 5 });
  });

  it('believes nobody about its own events', () => {
    const { clock } = newClock();
    expect(clock.received(clockOf([self], 7), 'm.aaaaaaaa')).toBe(1);
    expect(clock.originate()).toEqual({ [self]: 1 });
  });
});
