import { NexusError, type ReplicaId, subjectOf } from '@nexus/contracts';
import { unavailable } from './fault.js';

export interface LeaderHint {
  readonly prefix: string;
  /** What was asked for, below the prefix, as `consensus.{replicaId}.read`. */
  readonly template: 'consensus.{replicaId}.propose' | 'consensus.{replicaId}.read';
  readonly replicaId: ReplicaId;
  readonly leader: ReplicaId | null;
}

/** Whom to ask instead; a hint, which may be old by the time it arrives (R21). */
export function notLeader({ prefix, template, replicaId, leader }: LeaderHint): NexusError {
  if (leader === null) return unavailable(`${replicaId} does not lead, and knows of no leader`);
  // It may still believe in itself, in the moment in which it steps down.
  if (leader === replicaId) return unavailable(`${replicaId} is about to lead no more`);
  return new NexusError('not_leader', `${replicaId} does not lead; ask ${leader}`, {
    leader,
    leaderSubject: subjectOf(prefix, template, { replicaId: leader }),
    retryAfterMs: 0,
  });
}
