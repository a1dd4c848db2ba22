import { type Configuration, type Effects, type Input, type MemberId, type Standing } from '@nexus/core/raft';
import { type LogEnd } from '../log-mirror.js';
import { type MemberRecord } from '../member-record.js';

/** One step of a member, as the invariants look at it. Its write is issued, and nothing else is executed yet. */
export interface Stepped {
  readonly record: MemberRecord;
  readonly inputs: readonly Input[];
  readonly effects: Effects;
  readonly before: Standing;
  readonly after: Standing;
  readonly logEnds: readonly [before: LogEnd, after: LogEnd];
  /** In force before and after the step; either may have been when something was decided within it. */
  readonly configurations: readonly [before: Configuration, after: Configuration];
}

export const leads = ({ role }: Standing): boolean => role === 'leader';

/** Whether the step ended with the member as the leader of a term that it did not lead before. */
export const becameLeader = ({ before, after }: Stepped): boolean =>
  leads(after) && !(leads(before) && before.term === after.term);

/** Whether the step made the member a candidate of a term of its own. */
export const stands = ({ before, after }: Stepped): boolean =>
  after.role === 'candidate' && !(before.role === 'candidate' && before.term === after.term);

/** Whether a majority of the voters of one of the configurations counts. */
export function hasQuorum(
  configurations: readonly Configuration[],
  counts: (voter: MemberId) => boolean,
): boolean {
  return configurations.some(({ voters }) => 2 * voters.filter(counts).length > voters.length);
}
