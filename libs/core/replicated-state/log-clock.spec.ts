import { describe, expect, it } from '@jest/globals';
import { LogClock } from './log-clock.js';

describe('LogClock', () => {
  it('goes on from what the log shows, as fast as the own clock', () => {
    let nowMs = 5_000;
    const clock = new LogClock(() => nowMs);
    clock.begin(100);
    expect(clock.stampMs).toBe(100);
    nowMs += 50.9;
    expect(clock.stampMs).toBe(150);
  });

  it('begins at what the log shows to the millisecond, whatever fractions the own clock has', () => {
    for (let nowMs = 0; nowMs < 100; nowMs += 0.37) {
      const clock = new LogClock(() => nowMs);
      clock.begin(7);
      expect(clock.stampMs).toBe(7);
    }
  });

  it('stands between two leaders, and never goes back', () => {
    let nowMs = 0;
    const clock = new LogClock(() => nowMs);
    clock.begin(1_000);
    nowMs = 10;
    clock.catchUp(900);
    expect(clock.stampMs).toBe(1_010);
    clock.catchUp(5_000);
    expect(clock.stampMs).toBe(5_000);
    nowMs = 20;
    expect(clock.stampMs).toBe(5_010);
  });
});
