import { assert } from '@nexus/core/invariant';

// How long has it been silent, measured by its own habit? (Hayashibara et al. 2004.) The times between signs of life are
// taken as normally distributed; phi = −log₁₀ P(the next one comes even later than now): 1 is one mistake in ten, 8 one in
// 10⁸. The tail of the normal distribution is approximated by a logistic curve (Akka's form), which can be turned round in
// closed form: so a silence has a phi, and a phi a silence, by which the time to look again can be computed.

export interface PhiAccrualOptions {
  /** What the time between two signs of life is taken for until it was measured. */
  readonly expectedMs: number;
  /** Smallest standard deviation, however regular the signs were: nobody is accused for the first one that is lost. */
  readonly deviationMsMin: number;
  /** Longer silences count as this long: an outage is no habit. */
  readonly intervalMsMax: number;
  /** About how many of the latest intervals make the estimate: the weight of older ones fades exponentially. */
  readonly windowIntervals: number;
}

/** Of how many intervals the expectation has the weight. */
const priorIntervals = 4;

const cubic = 0.070566;
const linear = 1.5976;

/** The weight of "in time" against "later", as a logarithm, at `z` standard deviations beyond the mean. */
const logOddsAt = (z: number): number => z * (linear + cubic * z * z);

/** Turns `logOddsAt` round: the one real root of a growing cubic (Cardano). */
const deviationsFor = (logOdds: number): number => {
  const half = logOdds / (2 * cubic);
  const third = linear / (3 * cubic);
  const root = Math.sqrt(half * half + third * third * third);
  return Math.cbrt(half + root) - Math.cbrt(root - half);
};

/** −log₁₀(1 ∕ (1 + e^x)), without overflow. */
const phiOf = (logOdds: number): number =>
  (logOdds > 0 ? logOdds + Math.log1p(Math.exp(-logOdds)) : Math.log1p(Math.exp(logOdds))) / Math.LN10;

/** The estimate for one that gives signs of life. Constant in size: a thousand members watch a thousand others. */
export class PhiAccrual {
  private meanMs: number;
  private varianceMs2: number;
  private weight = priorIntervals;

  /** @param heardMs when it was heard first: from then on it is silent */
  constructor(
    private readonly options: PhiAccrualOptions,
    private heardMs: number,
  ) {
    const { expectedMs, deviationMsMin, intervalMsMax, windowIntervals } = options;
    assert(expectedMs > 0 && deviationMsMin > 0, 'an interval and a deviation are positive');
    assert(intervalMsMax >= expectedMs, 'the expected interval is not longer than the longest');
    assert(windowIntervals >= priorIntervals, `the window holds at least ${priorIntervals} intervals`);
    this.meanMs = expectedMs;
    this.varianceMs2 = expectedMs * expectedMs;
  }

  /** A sign of life came. Time that runs backwards counts as none at all. */
  observe(nowMs: number): void {
    const intervalMs = Math.min(Math.max(0, nowMs - this.heardMs), this.options.intervalMsMax);
    this.weight = Math.min(this.weight + 1, this.options.windowIntervals);
    const share = 1 / this.weight;
    const distance = intervalMs - this.meanMs;
    this.meanMs += share * distance;
    this.varianceMs2 = (1 - share) * (this.varianceMs2 + share * distance * distance);
    this.heardMs = nowMs;
  }

  /** It is alive as of now; the silence before says nothing of its habit. */
  resume(nowMs: number): void {
    this.heardMs = nowMs;
  }

  /** We did not listen for so long until now: nobody was silent in that time, and nobody was heard later than now. */
  forgive(ms: number, nowMs: number): void {
    this.heardMs = Math.min(this.heardMs + ms, nowMs);
  }

  /** 0 while it is as silent as never before is unlikely; grows without a bound. */
  phi(nowMs: number): number {
    return phiOf(logOddsAt((this.silentMs(nowMs) - this.meanMs) / this.deviationMs));
  }

  /** The silence, in milliseconds since the last sign of life, at which phi is `phi`. */
  silenceFor(phi: number): number {
    assert(phi > 0, 'phi is positive');
    const logOdds = phi * Math.LN10 + Math.log1p(-(10 ** -phi));
    return Math.max(0, this.meanMs + this.deviationMs * deviationsFor(logOdds));
  }

  silentMs(nowMs: number): number {
    return Math.max(0, nowMs - this.heardMs);
  }

  /** When it was heard last. */
  get lastHeardMs(): number {
    return this.heardMs;
  }

  /** What the time between two signs of life usually is. */
  get intervalMs(): number {
    return this.meanMs;
  }

  private get deviationMs(): number {
    return Math.max(Math.sqrt(this.varianceMs2), this.options.deviationMsMin);
  }
}
