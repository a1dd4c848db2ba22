import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.js';

describe('InFlight', () => {
  it('takes no more than its bound, and again when a place is free', () => {
    const inFlight = new InFlight(2);
    expect([inFlight.enter(), inFlight.enter(), inFlight.enter()]).toEqual([true, true, false]);
    expect(inFlight.size).toBe(2);
    inFlight.leave();
    expect(inFlight.enter()).toBe(true);
  });

  it('is idle at once when nothing is under way', async () => {
    expect(await new InFlight(1).whenIdle(0)).toBe(true);
  });

  it('wakes all who wait, with the last that leaves', async () => {
    const inFlight = new InFlight(10);
    inFlight.enter();
    inFlight.enter();
    const woken: string[] = [];
    const waiting = ['one', 'two'].map(async (name) => {
      expect(await inFlight.whenIdle(10_000)).toBe(true);
      woken.push(name);
    });
    inFlight.leave();
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toEqual([]);
    inFlight.leave();
    await Promise.all(waiting);
    expect(woken).toEqual(['one', 'two']);
  });

  it('says so when it waited in vain', async () => {
    const inFlight = new InFlight(1);
    inFlight.enter();
    expect(await inFlight.whenIdle(5)).toBe(false);
    expect(inFlight.size).toBe(1);
  });
});
