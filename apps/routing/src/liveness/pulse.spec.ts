import { describe, expect, it } from '@jest/globals';
import { PhiAccrual } from '@nexus/core/gossip';
import fc from 'fast-check';
import { type Pulse, readPulse, silenceMsOf, suspicionOf } from './pulse.js';
import { detectorOptions, silenceTerms } from './silence-terms.js';

const times = { heartbeatMs: 1_000, ttlMs: 3_000, phiSuspect: 8 };
const terms = silenceTerms(times);

/** The pulse after these intervals, reckoned as the heartbeat script does. */
function pulseAfter(intervalsMs: readonly number[], over = terms): Pulse {
  const first: Pulse = { seenMs: 0, meanMs: over.meanMs, variance: over.variance, weight: over.weight };
  return intervalsMs.reduce<Pulse>(({ seenMs, meanMs, variance, weight: old }, intervalMs) => {
    const weight = Math.min(old + 1, over.weightMax);
    const distance = Math.min(Math.max(0, intervalMs), over.ttlMs) - meanMs;
    return {
      seenMs: seenMs + intervalMs,
      meanMs: meanMs + distance / weight,
      variance: (1 - 1 / weight) * (variance + (distance * distance) / weight),
      weight,
    };
  }, first);
}

/** What the core's detector says of the same agent. */
function detectorAfter(intervalsMs: readonly number[]): PhiAccrual {
  const detector = new PhiAccrual(detectorOptions(times), 0);
  let nowMs = 0;
  for (const intervalMs of intervalsMs) detector.observe((nowMs += intervalMs));
  return detector;
}

const repeated = (intervalMs: number, count: number) => Array<number>(count).fill(intervalMs);
const rhythms = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });

describe('silenceMsOf', () => {
  it('is the silence at which phi reaches the threshold, within its bounds', () => {
    fc.assert(
      fc.property(rhythms, (intervalsMs) => {
        const silenceMs = silenceMsOf(pulseAfter(intervalsMs), terms);
        const bare = detectorAfter(intervalsMs).silenceFor(times.phiSuspect);
        expect(silenceMs).toBeCloseTo(Math.min(Math.max(bare, 2_000), 3_000), 6);
      }),
    );
  });

  it('is the time to live for a life of which nothing is known, and for an agent that barely keeps it', () => {
    expect(silenceMsOf(pulseAfter([]), terms)).toBe(3_000);
    expect(silenceMsOf(pulseAfter(repeated(2_800, 100)), terms)).toBe(3_000);
    expect(silenceMsOf(pulseAfter([...repeated(900, 40), 10_000, 900, 900]), terms)).toBe(3_000);
  });

  it('grants a new agent its time to live, however long that is', () => {
    const patient = silenceTerms({ ...times, ttlMs: 120_000 });
    expect(silenceMsOf(pulseAfter([], patient), patient)).toBeCloseTo(120_000, 6);
    expect(silenceMsOf(pulseAfter(repeated(900, 250), patient), patient)).toBeLessThan(2_400);
  });

  it('is shorter for one that beats regularly, and bears the loss of one heartbeat', () => {
    const silenceMs = silenceMsOf(pulseAfter(repeated(900, 100)), terms);
    expect(silenceMs).toBeGreaterThan(2 * 1_000);
    expect(silenceMs).toBeLessThan(2_400);
  });

  it('is two heartbeats for whoever floods, so that nobody looks dead for having been busy', () => {
    expect(silenceMsOf(pulseAfter(repeated(0, 10_000)), terms)).toBe(2_000);
  });

  it.each([
    { heartbeatMs: 60_000, ttlMs: 100 },
    { heartbeatMs: 50, ttlMs: 600_000 },
    { heartbeatMs: 1_000, ttlMs: 1_000 },
  ])('never exceeds the time to live with $heartbeatMs ms and $ttlMs ms', (odd) => {
    const of = silenceTerms({ ...odd, phiSuspect: 100 });
    fc.assert(
      fc.property(rhythms, (intervalsMs) => {
        const silenceMs = silenceMsOf(pulseAfter(intervalsMs, of), of);
        expect(silenceMs).toBeGreaterThanOrEqual(of.silenceMsMin);
        expect(silenceMs).toBeLessThanOrEqual(of.ttlMs);
      }),
    );
  });
});

describe('suspicionOf', () => {
  it('reaches the threshold with the silence after which the agent is suspected, and grows', () => {
    fc.assert(
      fc.property(rhythms, (intervalsMs) => {
        const pulse = pulseAfter(intervalsMs);
        const dueMs = pulse.seenMs + silenceMsOf(pulse, terms);
        expect(suspicionOf(pulse, dueMs + 1, terms)).toBeGreaterThanOrEqual(times.phiSuspect);
        expect(suspicionOf(pulse, dueMs - 1, terms)).toBeLessThanOrEqual(times.phiSuspect);
      }),
    );
  });

  it('is next to nothing right after a heartbeat, and finite after a year', () => {
    const pulse = pulseAfter(repeated(900, 100));
    expect(suspicionOf(pulse, pulse.seenMs, terms)).toBeLessThan(0.1);
    expect(suspicionOf(pulse, pulse.seenMs + 3e10, terms)).toBe(1_000);
  });
});

describe('readPulse', () => {
  it('reads what the scripts write, and nothing else', () => {
    const stored = Buffer.alloc(32);
    [1_700_000_000_000, 900.5, 2_500.25, 7].forEach((value, index) => stored.writeDoubleBE(value, index * 8));
    expect(readPulse(stored)).toEqual({
      seenMs: 1_700_000_000_000,
      meanMs: 900.5,
      variance: 2_500.25,
      weight: 7,
    });
    expect(readPulse(Buffer.from('1700000000000'))).toBeUndefined();
    expect(readPulse(null)).toBeUndefined();
  });
});
