import { assertNever } from '@nexus/core/invariant';
import { type RefusalReason } from '@nexus/core/raft';
import { type NotRecorded } from '../replica/submission.js';
import { type Result } from './work.js';

/** What will not be different elsewhere, in words. */
const forGood = {
  no_such_member: 'the replica is no voting member of the group',
  already_member: 'the replica is a member already',
  last_voter: 'the group would have nobody left who votes',
  not_caught_up: 'the replica lacks too much of the log to vote',
} as const satisfies Partial<Record<RefusalReason, string>>;

/** Whether the same can be asked for again, or never will be had. */
export function refusalOf({ reason }: NotRecorded): Result {
  switch (reason) {
    case 'not_leader':
    case 'transferring':
    case 'overloaded':
    case 'too_large':
    case 'change_pending':
    case 'stopped':
      return { kind: 'refused', reason };
    case 'not_caught_up':
    case 'no_such_member':
    case 'already_member':
    case 'last_voter':
      return { kind: 'failed', code: 'conflict', message: forGood[reason] };
    default:
      return assertNever(reason);
  }
}
