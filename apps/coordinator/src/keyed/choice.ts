import { createHash } from 'node:crypto';
import { type SharedKey } from '@nexus/contracts';

type Sibling = SharedKey['values'][number];

/** Names one write of the key: who put it, knowing what. */
function rank(key: string, { by, clock }: Sibling): string {
  const entries = Object.entries(clock).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([key, by, entries]))
    .digest('hex');
}

/**
 * Those of which one may stand. Agents are run by anybody, and who makes up the counter of a write can draw until it
 * wins: so what agents put is chosen only where no service put anything.
 */
export function eligible(
  siblings: readonly Sibling[],
  isOfService: (memberId: string) => boolean,
): readonly Sibling[] {
  const ofServices = siblings.filter(({ by }) => isOfService(by));
  return ofServices.length > 0 ? ofServices : siblings;
}

/**
 * The sibling that stands from now on: the same whoever chooses, in whatever order they arrived. None is better than
 * another, as none knew of another; so chance decides, drawn from the names of the writes, and nobody wins every time.
 */
export function chosen(key: string, siblings: readonly Sibling[]): Sibling | undefined {
  const ranked = siblings.map((sibling) => ({ sibling, rank: rank(key, sibling) }));
  ranked.sort((one, other) => (one.rank < other.rank ? 1 : -1));
  return ranked[0]?.sibling;
}
