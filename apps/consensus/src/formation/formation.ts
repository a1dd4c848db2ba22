import { type ReplicaId } from '@nexus/contracts';
import { type Configuration, type MemberId } from '@nexus/core/raft';
import { memberIdOf } from '../member/member-id.js';
import { type Hello } from './hello.js';

/** How a replica with a blank log begins: with all the others, or by asking the group that is there to let it in. */
export type Beginning =
  | {
      readonly kind: 'formed';
      /** What stands in the base of its log. */
      readonly configuration: Configuration;
    }
  | { readonly kind: 'joining' };

export interface FormationOptions {
  readonly replicaId: ReplicaId;
  readonly storeId: string;
  /** The replicas of the initial group. */
  readonly initial: readonly ReplicaId[];
}

/** Hellos that went out, each with time for an answer, before silence means that there is no group. */
const unansweredMin = 4;

/**
 * Decides how a replica begins whose log was never written. A group comes into being once, when all its replicas were
 * heard to be blank: each of them then begins with the same members, whom it names by replica and store. Should one of
 * those stores be replaced in that very moment, two replicas may begin with different names for it; of the two stores
 * one does not exist any more and can neither vote nor acknowledge, so no two majorities come of it.
 *
 * Whoever hears of a group never forms one, and nobody forms one before it has asked for long enough, not even who is
 * to be alone: it may be the first replica of a group that grew, without its disk. A replica that lost its log is a
 * newcomer: under its new name it never voted, and it cannot forget what another one acknowledged.
 */
export class Formation {
  private readonly blank = new Map<ReplicaId, MemberId>();
  private unanswered = 0;
  /** Has a log, so there was a group; what became of it only its members can tell. */
  private survivor: ReplicaId | undefined;
  /** Why somebody who was heard lately, and is blank as well, keeps this replica from beginning. */
  private doubt: string | undefined;

  constructor(private readonly options: FormationOptions) {
    this.restart();
  }

  /** What is waited for, in words. */
  get waitsFor(): string {
    if (this.survivor !== undefined) return `the group that ${this.survivor} has a log of`;
    if (this.doubt !== undefined) return this.doubt;
    return this.missing.join(', ') || 'a sign of a group that is there';
  }

  /** The connection was lost: what was said meanwhile was not heard. */
  restart(): void {
    const { replicaId, storeId } = this.options;
    this.unanswered = 0;
    this.blank.clear();
    this.blank.set(replicaId, memberIdOf(replicaId, storeId));
  }

  /** A hello of this replica reached the broker a while ago, and whoever had to say something against it could. */
  noAnswer(): Beginning | undefined {
    this.unanswered += 1;
    if (this.hasAskedEnough) this.doubt = undefined;
    return this.begin();
  }

  hear(hello: Hello): Beginning | undefined {
    const { replicaId, storeId, stance } = hello;
    if (stance === 'member') return { kind: 'joining' };
    if (stance === 'waiting') {
      this.survivor = replicaId;
      return undefined;
    }
    const doubt = this.doubtAbout(hello);
    if (doubt !== undefined) {
      this.doubt = doubt;
      this.unanswered = 0;
    } else if (this.options.initial.includes(replicaId)) {
      this.blank.set(replicaId, memberIdOf(replicaId, storeId));
    }
    return this.begin();
  }

  /** Two who are blank and disagree on who is to form the group would form two. */
  private doubtAbout({ replicaId, founders }: Hello): string | undefined {
    const { initial } = this.options;
    if (replicaId === this.options.replicaId) {
      return `another replica that is called ${replicaId} to stop: each needs a name of its own`;
    }
    if (founders.length === initial.length && initial.every((name) => founders.includes(name)))
      return undefined;
    const names = founders.join(', ');
    return `${replicaId}, which is to form a group of ${names}: NEXUS_CONSENSUS_REPLICAS must be the same everywhere`;
  }

  private begin(): Beginning | undefined {
    const { initial, replicaId } = this.options;
    const isClear = this.survivor === undefined && this.hasAskedEnough && this.missing.length === 0;
    if (!isClear || !initial.includes(replicaId)) return undefined;
    const voters = initial.map((replica) => this.blank.get(replica)!).sort();
    return { kind: 'formed', configuration: { voters, learners: [] } };
  }

  private get hasAskedEnough(): boolean {
    return this.unanswered >= unansweredMin;
  }

  /** The initial replicas that were not heard to be blank. */
  private get missing(): readonly ReplicaId[] {
    return this.options.initial.filter((replica) => !this.blank.has(replica));
  }
}
