import { NexusError } from '@nexus/contracts';
import { type Configuration, isMember, type MemberId, membersOf } from '@nexus/core/raft';
import { replicaIdOf } from '../member/member-id.js';

// What a replica may hear that no rule of Raft repairs: it stops for good, and a person decides.

/** Two processes hold copies of one member, which could vote twice. */
export const sharedIdentity = (self: MemberId, rival: string): NexusError =>
  new NexusError(
    'conflict',
    `another process (${rival}) is ${self} too: its folder was copied, or is restored. Keep one of the two, ` +
      'empty the folder of the other, give it a name of its own and start it again',
  );

/**
 * Two groups on the same subjects acknowledge what the other knows nothing of. A group that merely went on without this
 * replica has changed one member at a time, and shares some with the configuration that this one knows.
 */
export function otherGroup(told: Configuration, own: Configuration, self: MemberId): NexusError | undefined {
  const isDisjoint = !told.voters.some((voter) => own.voters.includes(voter));
  if (own.voters.length === 0 || !isDisjoint || isMember(told, self)) return undefined;
  return new NexusError(
    'conflict',
    `two groups are led under one prefix: that of ${namesOf(told)}, and that of ${namesOf(own)}, to which this replica ` +
      'belongs. Keep one of the two, stop the other, empty its folders and start it again',
  );
}

const namesOf = (configuration: Configuration) => membersOf(configuration).map(replicaIdOf).join(', ');
