import { type SeededRandom } from '@nexus/testing';

/** A kill to come. */
export interface PlannedKill {
  readonly agentId: string;
  /** Share of the units that have ended by then. */
  readonly atShare: number;
}

/** While there is work before and behind: a kill in an idle fleet shows nothing. */
const shares = { min: 0.05, max: 0.7 };

/** Who is killed and when, in the order of the moments; at least one, and at least one is left. */
export function planKills(
  agentIds: readonly string[],
  killShare: number,
  random: SeededRandom,
): PlannedKill[] {
  const wanted = Math.round(killShare * agentIds.length);
  const count = Math.min(agentIds.length - 1, Math.max(1, wanted));
  return random
    .shuffled(agentIds)
    .slice(0, count)
    .map((agentId) => ({ agentId, atShare: random.between(shares.min, shares.max) }))
    .sort((a, b) => a.atShare - b.atShare);
}
