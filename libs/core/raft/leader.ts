import { type MemberId } from './configuration.js';
import { entryBytes } from './entry.js';
import { Handover } from './handover.js';
import { type Member } from './member.js';
import { changed, isVoter } from './membership.js';
import { type AppendAccepted, type AppendRejected, type Heartbeat, type Message } from './message.js';
import { type HeartbeatReply, type SnapshotProgress } from './message.js';
import { reachedByMajority } from './quorum.js';
import { type Progress } from './progress.js';
import { ReadRounds } from './read-rounds.js';
import { Replication } from './replication.js';
import { type Input, type RefusalReason } from './step.js';

type Ask<Kind extends Input['kind']> = Extract<Input, { kind: Kind }>;
export type FollowerReply = AppendAccepted | AppendRejected | HeartbeatReply | SnapshotProgress;

/** One term of leadership (Raft, §5.3, §5.4.2, §8): begins with an entry of the term, ends for good with `end`. */
export class Leader {
  private readonly replication: Replication;
  private readonly reads = new ReadRounds();
  /** The first entry of the term: nothing is known to be committed before it is (Raft, §5.4.2). */
  private readonly termStart: number;
  private uncommittedBytes = 0;
  private handover: Handover | null = null;
  private sinceHeartbeat = 0;
  /** Reused for every count of a majority. */
  private readonly counts: number[] = [];
  private mayCommit = true;

  constructor(private readonly member: Member) {
    const { log, commit } = member;
    member.role = 'leader';
    member.leader = member.self;
    this.termStart = log.lastIndex + 1;
    member.append({ kind: 'noop', index: this.termStart, term: member.term });
    for (const entry of log.range(commit + 1, log.lastIndex)) this.uncommittedBytes += entryBytes(entry);
    this.replication = new Replication(member);
  }

  get followers(): Iterable<readonly [MemberId, Progress]> {
    return this.replication.all;
  }

  onPropose({ ticket, command }: Ask<'propose'>): void {
    const { options, log, term, outbox } = this.member;
    const entry = { kind: 'command', index: log.lastIndex + 1, term, command } as const;
    const bytes = entryBytes(entry);
    const reason = this.refusalOf(command.length, bytes, options);
    if (reason !== null) {
      outbox.refuse(ticket, reason);
      return;
    }
    this.uncommittedBytes += bytes;
    this.member.append(entry);
    outbox.accept({ ticket, index: entry.index, term });
  }

  onRead({ ticket }: Ask<'read'>): void {
    const { options, outbox } = this.member;
    if (this.reads.size >= options.readsMax) outbox.refuse(ticket, 'overloaded');
    else this.reads.ask(ticket);
  }

  /** Dissertation, §4.1, and the correction of 2015: only after a commit of this term, and one at a time. */
  onChange({ ticket, change }: Ask<'change'>): void {
    const { configurations, commit, log, term, outbox } = this.member;
    if (this.handover !== null) {
      outbox.refuse(ticket, 'transferring');
      return;
    }
    if (commit < this.termStart || configurations.currentIndex > commit) {
      outbox.refuse(ticket, 'change_pending');
      return;
    }
    const configuration = changed(configurations.current, change);
    if (typeof configuration === 'string') {
      outbox.refuse(ticket, configuration);
      return;
    }
    if (change.kind === 'promote' && !this.isCaughtUp(change.member)) {
      outbox.refuse(ticket, 'not_caught_up');
      return;
    }
    const entry = { kind: 'configuration', index: log.lastIndex + 1, term, configuration } as const;
    this.uncommittedBytes += entryBytes(entry);
    this.member.append(entry);
    this.replication.follow();
    this.mayCommit = true;
    outbox.accept({ ticket, index: entry.index, term });
  }

  onTransfer({ ticket, to }: Ask<'transfer'>): void {
    const { configurations, self, outbox } = this.member;
    if (this.handover !== null) {
      outbox.refuse(ticket, 'transferring');
      return;
    }
    const successor = to ?? this.furthestVoter();
    if (successor === null || successor === self || !isVoter(configurations.current, successor)) {
      outbox.refuse(ticket, 'no_such_member');
      return;
    }
    this.handover = new Handover(this.member, successor);
    this.urgeSuccessor();
  }

  /** A reply of this term. */
  onReply(from: MemberId, reply: FollowerReply): void {
    const progress = this.replication.of(from);
    if (progress === undefined || reply.round > this.reads.round) return;
    progress.heardTick = this.member.now;
    progress.round = Math.max(progress.round, reply.round);
    switch (reply.kind) {
      case 'append_accepted':
        this.replication.onAccepted(progress, reply);
        this.mayCommit = true;
        if (this.handover?.successor === from) this.urgeSuccessor();
        break;
      case 'append_rejected':
        this.replication.onRejected(progress, reply);
        break;
      case 'snapshot_progress':
        this.replication.onSnapshotProgress(from, progress, reply);
        break;
      case 'heartbeat_reply':
        this.replication.checkIfStuck(from, progress, this.reads.round);
    }
  }

  onWritten(): void {
    this.mayCommit = true;
  }

  /**
   * @returns whether it still may lead: a quorum was heard within an election time-out (CheckQuorum, dissertation §6.2),
   * and its own disk keeps up
   */
  onTick(): boolean {
    const { member } = this;
    const quorumTick = this.majority(member.now, ({ heardTick }) => heardTick);
    if (member.now - quorumTick > member.options.electionTicksMax || member.diskStalls) return false;
    if (this.handover?.isOver) this.handover = null;
    this.sinceHeartbeat++;
    if (this.sinceHeartbeat >= member.options.heartbeatTicks) this.beat();
    // In case the first request was lost: a successor that stands already is in a newer term.
    if (member.now % member.options.heartbeatTicks === 0) this.urgeSuccessor();
    return true;
  }

  /** @returns whether it still leads: one that is removed is done when that is committed (dissertation, §4.2.2) */
  settle(): boolean {
    if (this.mayCommit) this.advanceCommit();
    const { configurations, commit, self } = this.member;
    if (configurations.currentIndex <= commit && !isVoter(configurations.current, self)) {
      this.takeLeave();
      return false;
    }
    this.settleReads();
    this.replication.pump(this.reads.round);
    return true;
  }

  /** Nobody else can answer what waits here; what is in the log may yet be committed by others. */
  end(): void {
    for (const ticket of this.reads.abandon()) this.member.outbox.refuse(ticket, 'not_leader');
  }

  private refusalOf(
    commandBytes: number,
    bytes: number,
    { commandBytesMax, uncommittedBytesMax }: Member['options'],
  ): RefusalReason | null {
    if (this.handover !== null) return 'transferring';
    if (commandBytes > commandBytesMax) return 'too_large';
    return this.uncommittedBytes > 0 && this.uncommittedBytes + bytes > uncommittedBytesMax
      ? 'overloaded'
      : null;
  }

  /**
   * Raft, §5.4.2: an entry is committed when a majority holds it and it is of this term; those before it are then as well. This
   * member counts with what its own disk confirmed (dissertation, §10.2.1).
   */
  private advanceCommit(): void {
    this.mayCommit = false;
    const { member } = this;
    const before = member.commit;
    const index = this.majority(member.log.durableIndex, ({ matchIndex }) => matchIndex);
    if (index < this.termStart || index <= before) return;
    member.commitTo(index);
    for (let at = before + 1; at <= index; at++) this.uncommittedBytes -= entryBytes(member.log.entryAt(at)!);
  }

  /** Reads wait for the first commit of the term: before it, the leader may not know all that is committed (§6.4). */
  private settleReads(): void {
    const { reads, member } = this;
    if (reads.hasWaiting && member.commit >= this.termStart) {
      reads.begin(member.commit);
      this.beat();
    }
    if (!reads.hasBatches) return;
    member.outbox.makeReadable(reads.confirm(this.majority(reads.round, ({ round }) => round)));
  }

  /** The value that a majority of the voters has reached; `own` is this member's, when it is one of them. */
  private majority(own: number, valueOf: (progress: Progress) => number): number {
    const { counts, member } = this;
    const { voters } = member.configurations.current;
    counts.length = 0;
    for (const voter of voters) {
      if (voter === member.self) counts.push(own);
      else counts.push(valueOf(this.replication.of(voter)!));
    }
    return reachedByMajority(counts);
  }

  private beat(): void {
    this.sinceHeartbeat = 0;
    const { member, reads } = this;
    const { term } = member;
    let shared: Heartbeat = { kind: 'heartbeat', term, commit: member.commit, round: reads.round };
    for (const [id, { matchIndex }] of this.replication.all) {
      const commit = Math.min(matchIndex, member.commit);
      if (shared.commit !== commit) shared = { ...shared, commit };
      member.send(id, shared);
    }
  }

  private urgeSuccessor(): void {
    const { handover } = this;
    const progress = handover && this.replication.of(handover.successor);
    if (progress) handover.urge(progress.matchIndex);
  }

  /** What the learner lacks is on its way already, and it is there to take it (dissertation, §4.2.1). */
  private isCaughtUp(learner: MemberId): boolean {
    const { now, options, log } = this.member;
    const progress = this.replication.of(learner);
    if (progress === undefined) return false;
    this.replication.pumpTo(learner, progress, this.reads.round);
    if (progress.state !== 'replicate' || now - progress.heardTick > options.electionTicksMax) return false;
    return progress.nextIndex > log.lastIndex;
  }

  private furthestVoter(): MemberId | null {
    const { current } = this.member.configurations;
    let furthest: MemberId | null = null;
    let matchIndex = -1;
    for (const [id, progress] of this.replication.all) {
      if (!isVoter(current, id) || progress.matchIndex <= matchIndex) continue;
      furthest = id;
      matchIndex = progress.matchIndex;
    }
    return furthest;
  }

  /** Removed: tells the others that this is committed, and the furthest of them to stand at once. */
  private takeLeave(): void {
    const { member, replication, reads } = this;
    const successor = this.furthestVoter();
    for (const [id, { matchIndex }] of replication.all) {
      if (matchIndex < member.log.baseIndex) continue;
      const farewell: Message = replication.emptyAppend(matchIndex, reads.round);
      member.send(id, farewell);
    }
    if (successor !== null) member.send(successor, { kind: 'timeout_now', term: member.term });
  }
}
