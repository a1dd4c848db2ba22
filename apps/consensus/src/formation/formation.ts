import { type ReplicaId } from '@nexus/contracts';
import { type Configuration, type MemberId } from '@nexus/core/raft';
import { isIn, memberIdOf } from '../member/member-id.js';
import { type Hello } from './hello.js';

/** How a replica with a blank log begins. */
export interface Beginning {
  /** `formed`: with all the others; `found`: a group that counts on it; `joining`: a group that does not know it. */
  readonly kind: 'formed' | 'found' | 'joining';
  /** What stands at index 0 of its log. */
  readonly configuration: Configuration;
}

export interface FormationOptions {
  readonly replicaId: ReplicaId;
  readonly storeId: string;
  /** The replicas of the initial group. */
  readonly initial: readonly ReplicaId[];
}

/**
 * Decides how a replica begins whose log was never written. A group comes into being once, when all its replicas were
 * heard to be blank: each of them then begins with the same members, whom it names by replica and store. Should one of
 * those stores be replaced in that very moment, two replicas may begin with different names for it; of the two stores
 * one does not exist any more and can neither vote nor acknowledge, so no two majorities come of it.
 *
 * Whoever hears of a group never forms one. Either the group counts on it (the others were faster to begin), or it was
 * made without it: then it waits to be added. A replica that lost its log is such a newcomer: under its new name it
 * never voted, and it cannot forget what another one acknowledged.
 */
export class Formation {
  private readonly self: MemberId;
  private readonly blank = new Map<ReplicaId, MemberId>();

  constructor(private readonly options: FormationOptions) {
    this.self = memberIdOf(options.replicaId, options.storeId);
    this.blank.set(options.replicaId, this.self);
  }

  /** The initial replicas that were not heard to be blank. */
  get missing(): readonly ReplicaId[] {
    return this.options.initial.filter((replica) => !this.blank.has(replica));
  }

  /** How to begin, as soon as it is known. */
  begin(): Beginning | undefined {
    const { initial, replicaId } = this.options;
    if (!initial.includes(replicaId) || this.missing.length > 0) return undefined;
    const voters = initial.map((replica) => this.blank.get(replica)!).sort();
    return { kind: 'formed', configuration: { voters, learners: [] } };
  }

  hear({ replicaId, storeId, stance, members }: Hello): Beginning | undefined {
    if (replicaId === this.options.replicaId) return undefined;
    if (stance === 'blank') {
      this.blank.set(replicaId, memberIdOf(replicaId, storeId));
      return this.begin();
    }
    this.blank.delete(replicaId);
    if (stance !== 'member' || members === null) return undefined;
    return isIn(members, this.self)
      ? { kind: 'found', configuration: members }
      : { kind: 'joining', configuration: { voters: [], learners: [] } };
  }
}
