import { PhiAccrual, type PhiAccrualOptions } from '@nexus/core/gossip';

export interface LivenessOptions {
  /** How often agents are asked to send heartbeats, in milliseconds. */
  readonly heartbeatMs: number;
  /** Silence after which an agent is suspected however it used to beat, in milliseconds. */
  readonly ttlMs: number;
  /** Suspicion at which an agent is suspected before that. */
  readonly phiSuspect: number;
}

/**
 * What a silence means, for scripts that cannot call the detector: `PhiAccrual` written as numbers. An agent that was
 * heard at `seen` is suspected at `seen + mean + deviations · max(√variance, deviationMsMin)`, but not before
 * `silenceMsMin` and not after `ttlMs` of silence; it is gone `graceMs` later, and never before `ttlMs` of silence.
 */
export interface SilenceTerms {
  readonly ttlMs: number;
  readonly graceMs: number;
  /** The estimate that a life begins with, so wide that its first silences may last for `ttlMs`. */
  readonly meanMs: number;
  readonly variance: number;
  /** Of how many intervals that estimate has the weight, and of how many any one has at most. */
  readonly weight: number;
  readonly weightMax: number;
  /** Standard deviations beyond the mean at which phi reaches the threshold. */
  readonly deviations: number;
  /** However regular an agent was, and however many heartbeats it sent: nobody is suspected for one that got lost. */
  readonly deviationMsMin: number;
  readonly silenceMsMin: number;
}

const weight = 4;
const weightMax = 16;

/**
 * How the detector watches agents. Of a new one nothing is known but that it may be silent for `ttlMs`; so the expected
 * interval is the least one (of heartbeats, or longer) with which the detector grants it that.
 */
export function detectorOptions({ heartbeatMs, ttlMs, phiSuspect }: LivenessOptions): PhiAccrualOptions {
  return {
    expectedMs: Math.min(Math.max(heartbeatMs, ttlMs / (1 + deviationsAt(phiSuspect))), ttlMs),
    deviationMsMin: heartbeatMs / 4,
    intervalMsMax: ttlMs,
    windowIntervals: weightMax,
  };
}

/** @param options as an operator sets them */
export function silenceTerms(options: LivenessOptions): SilenceTerms {
  const { heartbeatMs, ttlMs, phiSuspect } = options;
  const { expectedMs, deviationMsMin } = detectorOptions(options);
  return {
    ttlMs,
    graceMs: Math.ceil(ttlMs / 2),
    meanMs: expectedMs,
    variance: expectedMs * expectedMs,
    weight,
    weightMax,
    deviations: deviationsAt(phiSuspect),
    deviationMsMin,
    silenceMsMin: Math.min(2 * heartbeatMs, ttlMs),
  };
}

/** Heard at 0, with a mean and a deviation of 1: turns deviations into phi, and phi into deviations. */
const unit = new PhiAccrual(
  { expectedMs: 1, deviationMsMin: 1, intervalMsMax: 1, windowIntervals: weight },
  0,
);

/** Standard deviations beyond the mean at which phi is that. */
const deviationsAt = (phi: number): number => unit.silenceFor(phi) - 1;

/** Phi of a silence that lasts for so many deviations beyond the mean; at least that of no silence at all. */
export const phiAt = (deviations: number): number => unit.phi(1 + deviations);
