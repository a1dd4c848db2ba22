import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PhiAccrual, type PhiAccrualOptions } from './index.js';

const options: PhiAccrualOptions = {
  expectedMs: 1_000,
  deviationMsMin: 100,
  intervalMsMax: 10_000,
  windowIntervals: 64,
};

const beating = (intervalsMs: readonly number[], changed: Partial<PhiAccrualOptions> = {}) => {
  let nowMs = 5_000;
  const phi = new PhiAccrual({ ...options, ...changed }, nowMs);
  for (const intervalMs of intervalsMs) phi.observe((nowMs += intervalMs));
  return { phi, nowMs };
};

const regular = (intervalMs: number, count = 200) => Array.from({ length: count }, () => intervalMs);

describe('PhiAccrual (Hayashibara et al. 2004, §4.2)', () => {
  it('is what the normal distribution says, to an eighth of its value', () => {
    // −log₁₀ of the upper tail at 1, 2, 3, 4 and 5 standard deviations.
    const tails = [0.799, 1.643, 2.87, 4.499, 6.543];
    const { phi, nowMs } = beating(regular(1_000));
    for (const [index, tail] of tails.entries()) {
      const value = phi.phi(nowMs + 1_000 + 100 * (index + 1));
      expect(Math.abs(value - tail) / tail).toBeLessThan(0.125);
    }
  });

  it('grows with silence, finite however long that is', () => {
    const { phi, nowMs } = beating(regular(1_000));
    expect(phi.phi(nowMs)).toBeLessThan(0.01);
    expect(phi.phi(nowMs + 1_300)).toBeLessThan(phi.phi(nowMs + 1_400));
    expect(Number.isFinite(phi.phi(nowMs + 1e12))).toBe(true);
  });

  it('says after which silence a phi is reached, and the other way round', () => {
    const intervalsMs = fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 100 });
    fc.assert(
      fc.property(intervalsMs, fc.double({ min: 1, max: 16, noNaN: true }), (intervals, level) => {
        const { phi, nowMs } = beating(intervals);
        const silenceMs = phi.silenceFor(level);
        expect(phi.phi(nowMs + silenceMs)).toBeCloseTo(level, 4);
      }),
    );
  });

  it('takes each by its own habit', () => {
    const steady = beating(regular(1_000));
    const slow = beating(regular(4_000));
    expect(slow.phi.silenceFor(8)).toBeGreaterThan(2 * steady.phi.silenceFor(8));
    const jittery = beating(Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 300 : 1_700)));
    expect(jittery.phi.silenceFor(8)).toBeGreaterThan(steady.phi.silenceFor(8) + 2_000);
  });

  it('learns a new habit within its window', () => {
    const { phi } = beating([...regular(4_000), ...regular(1_000, 4 * options.windowIntervals)]);
    expect(phi.intervalMs).toBeLessThan(1_150);
  });

  it('suspects nobody for one sign that is lost, when the floor of the deviation forbids it', () => {
    const { phi, nowMs } = beating(regular(1_000), { deviationMsMin: 1_000 });
    expect(phi.phi(nowMs + 2_000)).toBeLessThan(1);
  });

  it('takes an outage for no habit', () => {
    const { phi } = beating([...regular(1_000), 3_600_000, ...regular(1_000, 20)]);
    expect(phi.silenceFor(8)).toBeLessThan(20_000);
  });

  it('forgives time in which nobody listened', () => {
    const { phi, nowMs } = beating(regular(1_000));
    phi.forgive(60_000, nowMs + 60_500);
    expect(phi.silentMs(nowMs + 60_500)).toBe(500);
  });

  it('forgives no silence that is still to come', () => {
    const { phi, nowMs } = beating(regular(1_000));
    phi.forgive(60_000, nowMs + 300);
    expect(phi.lastHeardMs).toBe(nowMs + 300);
    expect(phi.silentMs(nowMs + 5_300)).toBe(5_000);
  });
});
