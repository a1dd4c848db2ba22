import { phiAt, type SilenceTerms } from './silence-terms.js';

/** How an agent beats, as the scripts keep it: 32 bytes, whatever it sends. */
export interface Pulse {
  /** When it was heard last, by Redis' clock. */
  readonly seenMs: number;
  readonly meanMs: number;
  readonly variance: number;
  readonly weight: number;
}

const fields = 4;

/** Undefined for what is no pulse. */
export function readPulse(stored: Buffer | null | undefined): Pulse | undefined {
  if (stored?.length !== fields * Float64Array.BYTES_PER_ELEMENT) return undefined;
  const [seenMs, meanMs, variance, weight] = [0, 8, 16, 24].map((at) => stored.readDoubleBE(at));
  return { seenMs: seenMs!, meanMs: meanMs!, variance: variance!, weight: weight! };
}

/** Silence after which the agent is suspected, in milliseconds; the same as the scripts reckon. */
export function silenceMsOf({ meanMs, variance }: Pulse, terms: SilenceTerms): number {
  const silenceMs = meanMs + terms.deviations * Math.max(Math.sqrt(variance), terms.deviationMsMin);
  return Math.min(Math.max(silenceMs, terms.silenceMsMin), terms.ttlMs);
}

const phiMax = 1_000;

/**
 * How suspect an agent is now: phi, on a scale that reaches the threshold at the very instant at which it is suspected,
 * also where a bound decides that and not the estimate.
 */
export function suspicionOf(pulse: Pulse, nowMs: number, terms: SilenceTerms): number {
  const { seenMs, meanMs } = pulse;
  const deviationMs = Math.max(1, (silenceMsOf(pulse, terms) - meanMs) / terms.deviations);
  return Math.min(phiMax, phiAt((Math.max(0, nowMs - seenMs) - meanMs) / deviationMs));
}
