import { type DurableState, type MemberId, type Snapshot, type Write } from '@nexus/core/raft';
import { LogMirror } from './log-mirror.js';

/** What is known of a member from outside: what it wrote, and what of that is durable. It outlives the member. */
export class MemberRecord {
  readonly durable: LogMirror;
  /** As the member believes it to be: with the writes that are under way. */
  current: LogMirror;
  /** By term: those that are durable, or were given. */
  readonly votes = new Map<number, MemberId>();
  /** Pre-votes that it gave, by the term that they are for. */
  readonly promises = new Map<number, Set<MemberId>>();
  /** Up to where it told the leader of `term` that their logs are equal. */
  readonly acknowledged = { term: 0, index: 0 };

  constructor(
    readonly id: MemberId,
    /** The machine that it runs on. */
    readonly host: string,
    base: Snapshot | null,
  ) {
    this.durable = new LogMirror(base);
    this.current = this.durable.clone();
  }

  issue(write: Write): void {
    this.current.fold(write);
  }

  promise(term: number, to: MemberId): void {
    const promised = this.promises.get(term);
    if (promised) promised.add(to);
    else this.promises.set(term, new Set([to]));
  }

  makeDurable(write: Write): void {
    this.durable.fold(write);
    const { term, votedFor } = this.durable.hardState;
    if (votedFor !== null && write.hardState) this.votes.set(term, votedFor);
  }

  /** A new life begins with what is durable. */
  restart(): DurableState {
    this.current = this.durable.clone();
    return this.durable.stored;
  }
}
