import { describe, expect, it } from '@jest/globals';
import { limits } from '@nexus/contracts';
import { EventClock } from './event-clock.js';

const known = new Set(['c-1', 'c-2', 'agent-1.abcdefgh']);

function clockOf(forgetAfterMs = 600_000) {
  const drops = { refusedCausal: 0 };
  const isKnown = (name: string) => known.has(name);
  return {
    drops,
    clock: new EventClock({
      ...{ incarnation: 'c-1', drops, forgetAfterMs },
      ...{ isKnown, isCredible: isKnown },
    }),
  };
}

describe('the event clock', () => {
  it('counts its own events', () => {
    const { clock } = clockOf();
    expect({ ...clock.tick() }).toEqual({ 'c-1': 1 });
    expect({ ...clock.tick() }).toEqual({ 'c-1': 2 });
  });

  it('comes after what an answer has seen', () => {
    const { clock, drops } = clockOf();
    clock.tick();
    clock.merge('agent-1', { 'c-1': 1, 'c-2': 7, 'agent-1.abcdefgh': 3 });
    expect({ ...clock.tick() }).toEqual({ 'c-1': 2, 'c-2': 7, 'agent-1.abcdefgh': 3 });
    clock.merge('agent-1', { 'c-2': 5 });
    expect({ ...clock.tick() }).toEqual({ 'c-1': 3, 'c-2': 7, 'agent-1.abcdefgh': 3 });
    expect(drops.refusedCausal).toBe(0);
  });

  it('has room for its own events, whatever it is told before the first', () => {
    const drops = { refusedCausal: 0 };
    const all = () => true;
    const clock = new EventClock({ incarnation: 'c-1', drops, isKnown: all, isCredible: all });
    const names = Array.from({ length: limits.clockEntriesMax }, (_, at) => [`c-2.${at}`, 1] as const);
    clock.merge('agent-1', Object.fromEntries(names));
    expect(Object.keys(clock.tick())).toHaveLength(limits.clockEntriesMax);
    expect(drops.refusedCausal).toBe(1);
  });

  it.each([
    ['more of its own events than there were', { 'c-1': 2 }],
    ['somebody whom nobody knows', { stranger: 1 }],
    ['a prototype', JSON.parse('{"__proto__": 1}') as Record<string, number>],
    ['a leap', { 'c-2': 2 ** 50 }],
    ['fractions', { 'c-2': 1.5 }],
  ])('believes nothing of %s, and counts it', (_what, said) => {
    const { clock, drops } = clockOf();
    clock.tick();
    clock.merge('agent-1', said);
    expect(drops.refusedCausal).toBe(1);
    expect({ ...clock.tick() }).toEqual({ 'c-1': 2 });
  });

  it('believes the rest of a clock of which it refuses a part', () => {
    const { clock } = clockOf();
    clock.merge('agent-1', { 'c-2': 4, stranger: 9 });
    expect({ ...clock.tick() }).toEqual({ 'c-1': 1, 'c-2': 4 });
  });

  it('forgets who has been gone for long', () => {
    known.add('c-3');
    const { clock } = clockOf(0);
    clock.merge('agent-1', { 'c-2': 1, 'c-3': 1 });
    expect({ ...clock.tick() }).toEqual({ 'c-1': 1, 'c-2': 1, 'c-3': 1 });
    known.delete('c-3');
    expect({ ...clock.tick() }).toEqual({ 'c-1': 2, 'c-2': 1 });
  });
});
