import { type Membership, type ReplicaId } from '@nexus/contracts';
import { type Configuration, type MemberId } from '@nexus/core/raft';

/** A replica for the life of its log: whoever comes back with another log is another member. */
export const memberIdOf = (replicaId: string, storeId: string): MemberId =>
  `${replicaId}.${storeId}` as MemberId;

/** The replica that a member is, or was. */
export const replicaIdOf = (member: MemberId): ReplicaId => member.slice(0, member.indexOf('.')) as ReplicaId;

/** The members by the names that people know. */
export const membershipOf = ({ voters, learners }: Configuration): Membership => ({
  voters: voters.map(replicaIdOf),
  learners: learners.map(replicaIdOf),
});
