import { type GoalType, type Outcome } from '@nexus/contracts';
import { fairShares } from './fair-shares.js';
import { Reservoir } from './reservoir.js';

/** An outcome, and what chance had to do with it. */
export interface SampledOutcome {
  readonly outcome: Outcome;
  /** How likely it was that not chance decided, but the model or the layer below; 1: chance had no part in it. */
  readonly usualPropensity: number;
  /** Whether it was done in a way that only chance would choose. */
  readonly isExplored: boolean;
}

/** Whose outcome it is, and of what kind. */
export interface OutcomeKind {
  readonly type: GoalType;
  readonly user: string;
  readonly isExplored: boolean;
}

/** Users of a type that are told apart; the others share one part. */
const usersMax = 8;
const others = '';

/** The outcomes of one user, of one type. */
interface Stratum {
  readonly usual: Reservoir<SampledOutcome>;
  readonly explored: Reservoir<SampledOutcome>;
}

/**
 * Picks the outcomes that are reported when there are more than can be. Types of goal share the room alike, and so do the
 * users of a type, so that whoever asks most does not speak for all. What chance tried is rare, and teaches most: it has a
 * half of the room for itself. So it is more frequent among what is reported than it was, and the propensities are put right
 * for that: they say how likely a choice was among the outcomes that are told of.
 */
export class OutcomeSample {
  private strata = new Map<GoalType, Map<string, Stratum>>();
  private readonly halfRoom: number;

  /**
   * @param capacity outcomes that are kept from one `take` to the next
   * @param random uniform in [0, 1)
   */
  constructor(
    capacity: number,
    private readonly random: () => number,
  ) {
    this.halfRoom = Math.floor(capacity / 2);
  }

  offer({ type, user, isExplored }: OutcomeKind, make: () => SampledOutcome): void {
    const { usual, explored } = this.stratumOf(type, user);
    (isExplored ? explored : usual).offer(make);
  }

  /** What was kept since it was taken last, in the order of its ends. */
  take(): Outcome[] {
    const types = [...this.strata.values()].map((byUser) => [...byUser.values()]);
    this.strata = new Map();
    const usualRoom = roomOf(types, ({ usual }) => usual.size, this.halfRoom);
    const exploredRoom = roomOf(types, ({ explored }) => explored.size, this.halfRoom);
    return types
      .flatMap((strata, type) =>
        strata.flatMap((stratum, at) => taken(stratum, usualRoom[type]![at]!, exploredRoom[type]![at]!)),
      )
      .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  }

  private stratumOf(type: GoalType, user: string): Stratum {
    const byUser = this.strata.get(type) ?? new Map<string, Stratum>();
    this.strata.set(type, byUser);
    const key = byUser.has(user) || byUser.size < usersMax ? user : others;
    const known = byUser.get(key);
    if (known) return known;
    const { halfRoom, random } = this;
    const stratum = {
      usual: new Reservoir<SampledOutcome>(halfRoom, random),
      explored: new Reservoir<SampledOutcome>(halfRoom, random),
    };
    byUser.set(key, stratum);
    return stratum;
  }
}

/** The room of each stratum: types share it, and within each its users. */
function roomOf(
  types: readonly (readonly Stratum[])[],
  sizeOf: (stratum: Stratum) => number,
  room: number,
): number[][] {
  const sizes = types.map((strata) => strata.map(sizeOf));
  const ofTypes = fairShares(
    sizes.map((of) => of.reduce((sum, size) => sum + size, 0)),
    room,
  );
  return sizes.map((of, type) => fairShares(of, ofTypes[type]!));
}

function taken(stratum: Stratum, usualMost: number, exploredMost: number): Outcome[] {
  const usual = stratum.usual.take(usualMost);
  const explored = stratum.explored.take(exploredMost);
  return [...usual.items, ...explored.items].map((sampled) =>
    corrected(sampled, usual.keptShare, explored.keptShare),
  );
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
