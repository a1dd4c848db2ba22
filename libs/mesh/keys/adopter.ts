import { type MemberId, type MemberView } from '@nexus/contracts';

type Candidate = Pick<MemberView, 'memberId' | 'kind' | 'status' | 'generation'>;

export interface Orphan {
  /** Whether a member keeps values of the key: all that a member keeps of one key shares a bound. */
  readonly isKeeper: (memberId: MemberId) => boolean;
  /** When it was written, by the clock of who wrote it. */
  readonly writtenAtMs: number;
}

/**
 * Who takes over a value whose keeper is gone: one member and not all, and all agree which one. The first live service by
 * id; rather one that has run since before the value was written, and so has heard of it, and that keeps nothing of the
 * key yet.
 */
export function adopterOf(
  members: readonly Candidate[],
  { isKeeper, writtenAtMs }: Orphan,
): MemberId | undefined {
  const fitness = ({ memberId, generation }: Candidate) =>
    (generation < writtenAtMs ? 2 : 0) + (isKeeper(memberId) ? 0 : 1);
  let best: Candidate | undefined;
  for (const member of members) {
    if (member.kind !== 'service' || member.status !== 'alive') continue;
    const gain = best === undefined ? 1 : fitness(member) - fitness(best);
    if (gain > 0 || (gain === 0 && best !== undefined && member.memberId < best.memberId)) best = member;
  }
  return best?.memberId;
}
