import { type Outcome } from '@nexus/contracts';
import { Reservoir } from './reservoir.js';

/** An outcome, and what chance had to do with it. */
export interface SampledOutcome {
  readonly outcome: Outcome;
  /** How likely it was that not chance decided, but the model or the layer below; 1: chance had no part in it. */
  readonly usualPropensity: number;
  /** Whether it was done in a way that only chance would choose. */
  readonly isExplored: boolean;
}

/**
 * Picks the outcomes that are reported when there are more than can be. What chance tried is rare, and teaches most: it has
 * a half of the room for itself. So it is more frequent among what is reported than it was, and the propensities are put
 * right for that: they say how likely a choice was among the outcomes that are told of.
 */
export class OutcomeSample {
  private readonly usual: Reservoir<SampledOutcome>;
  private readonly explored: Reservoir<SampledOutcome>;

  /** @param capacity outcomes that are kept from one `take` to the next */
  constructor(capacity: number, random: () => number) {
    this.usual = new Reservoir(Math.ceil(capacity / 2), random);
    this.explored = new Reservoir(Math.floor(capacity / 2), random);
  }

  offer(isExplored: boolean, make: () => SampledOutcome): void {
    (isExplored ? this.explored : this.usual).offer(make);
  }

  /** What was kept since it was taken last, in the order of its ends. */
  take(): Outcome[] {
    const usual = this.usual.take();
    const explored = this.explored.take();
    return [...usual.items, ...explored.items]
      .map((sampled) => corrected(sampled, usual.keptShare, explored.keptShare))
      .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  }
}

/**
 * Given a situation, the usual choice had its propensity and was kept with `usualShare`; each other one was kept with
 * `exploredShare`.
 */
function corrected(
  { outcome, usualPropensity, isExplored }: SampledOutcome,
  usualShare: number,
  exploredShare: number,
): Outcome {
  if (usualPropensity === 1) return outcome;
  const keptInAll = usualPropensity * usualShare + (1 - usualPropensity) * exploredShare;
  const kept = outcome.propensity * (isExplored ? exploredShare : usualShare);
  return { ...outcome, propensity: Math.min(1, kept / keptInAll) };
}
