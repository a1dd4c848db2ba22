import { assert } from '@nexus/core/invariant';
import { type MemberId } from './configuration.js';
import { ElectionTimer } from './election-timer.js';
import { type Entry, type Snapshot } from './entry.js';
import { type DurableState, type Write } from './log-store.js';
import { Log, type Position } from './log.js';
import { Configurations, isVoter, nobody } from './membership.js';
import { type Message } from './message.js';
import { type RaftOptions } from './options.js';
import { Outbox } from './outbox.js';
import { type Effects, type Role, type Standing } from './step.js';
import { Writes } from './writes.js';

/**
 * What a member is in every role (Raft, figure 2): term, vote, log, configuration, timer; and what the present step has
 * changed of it. Whatever becomes durable goes through here, so that a step makes one write and every message waits for
 * the right one.
 */
export class Member {
  readonly self: MemberId;
  readonly log: Log;
  readonly configurations: Configurations;
  readonly timer: ElectionTimer;
  readonly writes = new Writes();
  readonly outbox = new Outbox();
  role: Role = 'follower';
  leader: MemberId | null = null;
  /** Ticks since the start. */
  now = 0;
  private currentTerm: number;
  private vote: MemberId | null;
  private committed: number;
  private latestSnapshot: Snapshot | null;
  /** Committed entries up to here were handed out. */
  private delivered: number;
  private restore: Snapshot | null;
  private hardStateChanged = false;
  private snapshotChanged = false;
  private savedCommit: number;
  /** The writes that messages wait for: the last that changed term or vote, and the last that changed the log. */
  private termWrite = 0;
  private logWrite = 0;
  private heardTick = 0;
  private announced: Standing;

  constructor(
    readonly options: RaftOptions,
    { hardState, snapshot, entries }: DurableState,
  ) {
    const base = { index: snapshot?.index ?? 0, term: snapshot?.term ?? 0 };
    this.self = options.self;
    this.log = readLog(base, entries);
    this.configurations = new Configurations(base.index, snapshot?.configuration ?? nobody);
    for (const entry of entries) if (entry.index > base.index) this.configurations.append(entry);
    assert(hardState.commit <= this.log.lastIndex, 'what is known as committed is in the log beside it');
    assert(hardState.term >= this.log.last.term, 'the term is durable before the entries of that term');
    this.currentTerm = hardState.term;
    this.vote = hardState.votedFor;
    this.committed = Math.max(hardState.commit, base.index);
    this.savedCommit = hardState.commit;
    this.latestSnapshot = snapshot;
    this.restore = snapshot;
    this.delivered = base.index;
    this.timer = new ElectionTimer(options);
    this.announced = this.standing;
  }

  get term(): number {
    return this.currentTerm;
  }

  get votedFor(): MemberId | null {
    return this.vote;
  }

  get commit(): number {
    return this.committed;
  }

  get snapshot(): Snapshot | null {
    return this.latestSnapshot;
  }

  get standing(): Standing {
    return { role: this.role, term: this.currentTerm, leader: this.leader };
  }

  /** Raft, §5.1: a newer term makes all that was said in older ones void, the vote included. */
  adoptTerm(term: number): void {
    assert(term > this.currentTerm, 'a term never falls, and its vote is never cleared within it');
    this.currentTerm = term;
    this.vote = null;
    this.leader = null;
    this.markHardState();
  }

  /** Raft, §5.2: one vote a term. */
  voteFor(candidate: MemberId): void {
    assert(this.vote === null || this.vote === candidate, 'a member votes once a term');
    if (this.vote === candidate) return;
    this.vote = candidate;
    this.markHardState();
  }

  /** The write that makes the present term and vote durable. */
  get voteWrite(): number {
    return this.termWrite;
  }

  append(entry: Entry): void {
    this.log.append(entry);
    this.configurations.append(entry);
    this.logWrite = this.writes.next;
  }

  truncate(from: number): void {
    assert(from > this.committed, 'a committed entry is never removed');
    this.log.truncate(from);
    this.configurations.truncate(from);
    this.logWrite = this.writes.next;
  }

  commitTo(index: number): void {
    assert(index <= this.log.lastIndex, 'only what is in the log is committed');
    if (index > this.committed) this.committed = index;
  }

  /** Raft, §7: a leader's snapshot takes the place of the log, none of whose entries at or after it is known to be good. */
  install(snapshot: Snapshot): void {
    const { index, term, configuration } = snapshot;
    assert(index > this.committed, 'a snapshot never takes a member back');
    this.log.restart({ index, term });
    this.configurations.truncate(0);
    this.configurations.append({ kind: 'configuration', index, term, configuration });
    this.configurations.compact(index);
    this.latestSnapshot = snapshot;
    this.restore = snapshot;
    this.committed = index;
    this.delivered = index;
    this.snapshotChanged = true;
    this.logWrite = this.writes.next;
  }

  /** Raft, §7: the state machine's image stands in for the log up to `index`. */
  compact(index: number, image: Uint8Array): void {
    assert(index <= this.delivered, 'an image is of entries that were applied');
    if (index <= (this.latestSnapshot?.index ?? 0)) return;
    const term = this.log.termAt(index);
    assert(term !== null, 'an image is of an entry of this log');
    this.latestSnapshot = { index, term, configuration: this.configurations.at(index), image };
    this.configurations.compact(index);
    this.snapshotChanged = true;
    const compactTo = index - this.options.entriesRetained;
    if (compactTo > this.log.baseIndex) this.log.compact(compactTo);
  }

  /** The leader of the term spoke: only that, and a vote that is granted, put an election off. */
  hear(leader: MemberId): void {
    this.leader = leader;
    this.heardTick = this.now;
    this.timer.restart();
  }

  /** Dissertation, §6.4.1 and §4.2.3: while the leader is heard, nobody can be elected in its place. */
  get hearsLeader(): boolean {
    if (this.role === 'leader') return true;
    return this.leader !== null && this.now - this.heardTick < this.options.electionTicksMin;
  }

  /** A write takes longer than an election: nothing that this member promises can be relied on for now. */
  get diskStalls(): boolean {
    return this.writes.oldestTicks(this.now) >= this.options.electionTicksMax;
  }

  /**
   * Voters stand. So does who is removed by an entry that is not committed: its log may be the only one that is up to date
   * (dissertation, §4.2.2).
   */
  get mayStand(): boolean {
    const { current } = this.configurations;
    return isVoter(current, this.self) || isVoter(this.configurations.at(this.committed), this.self);
  }

  /** Raft, §5.4.1: whether a log that ends at `last` has all that this one may have committed. */
  isUpToDate({ index, term }: Position): boolean {
    const { last } = this.log;
    return term > last.term || (term === last.term && index >= last.index);
  }

  /** Sends once term and vote are durable: every message implies them. */
  send(to: MemberId, message: Message): void {
    this.outbox.send({ to, message, afterWrite: this.waitFor(this.termWrite) });
  }

  /** Sends once the log, too, is durable. */
  sendAfterLog(to: MemberId, message: Message): void {
    const after = Math.max(this.termWrite, this.logWrite);
    this.outbox.send({ to, message, afterWrite: this.waitFor(after) });
  }

  /** All that the step led to. */
  takeEffects(): Effects {
    const write = this.takeWrite();
    const { restore } = this;
    this.restore = null;
    const committed =
      this.delivered < this.committed ? this.log.range(this.delivered + 1, this.committed) : [];
    this.delivered = this.committed;
    return this.outbox.take({ write, restore, committed, standing: this.takeStanding() });
  }

  private takeWrite(): Write | null {
    if (!this.hardStateChanged && !this.snapshotChanged && !this.log.changed) return null;
    const sequence = this.writes.issue(this.now);
    const { append, compactTo, truncateFrom } = this.log.takeChanges(sequence);
    // The commit index alone is worth no write; it travels with the next.
    const hardState =
      this.hardStateChanged || this.savedCommit !== this.committed
        ? { term: this.currentTerm, votedFor: this.vote, commit: this.committed }
        : null;
    const snapshot = this.snapshotChanged ? this.latestSnapshot : null;
    this.hardStateChanged = false;
    this.snapshotChanged = false;
    this.savedCommit = this.committed;
    return {
      sequence,
      append,
      ...(hardState && { hardState }),
      ...(snapshot && { snapshot }),
      ...(compactTo !== null && { compactTo }),
      ...(truncateFrom !== null && { truncateFrom }),
    };
  }

  private takeStanding(): Standing | null {
    const { role, term, leader } = this.announced;
    if (role === this.role && term === this.currentTerm && leader === this.leader) return null;
    this.announced = this.standing;
    return this.announced;
  }

  private markHardState(): void {
    this.hardStateChanged = true;
    this.termWrite = this.writes.next;
  }

  private waitFor(sequence: number): number {
    return this.writes.isDurable(sequence) ? 0 : sequence;
  }
}

/**
 * The log of a store, whose first entries may lie below the snapshot. The term before the first one is not stored: that
 * entry becomes the base.
 */
function readLog(snapshot: Position, entries: readonly Entry[]): Log {
  const [first, ...others] = entries;
  if (first === undefined) return new Log(snapshot);
  assert(first.index <= snapshot.index + 1, 'no entry is missing between the snapshot and the log');
  const log =
    first.index > snapshot.index
      ? new Log(snapshot, entries)
      : new Log({ index: first.index, term: first.term }, others);
  assert(log.holds(snapshot), 'the log goes through its snapshot');
  return log;
}
