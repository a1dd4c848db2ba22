import { type MemberId } from './configuration.js';
import { type Member } from './member.js';
import { membersOf } from './membership.js';
import { type AppendAccepted, type AppendRejected, type AppendRequest } from './message.js';
import { type SnapshotProgress } from './message.js';
import { Progress } from './progress.js';
import { SnapshotTransfer, type Part } from './snapshot-transfer.js';

/** The leader's side of log replication (Raft, §5.3, §7): brings every other member's log to its own. */
export class Replication {
  private readonly followers = new Map<MemberId, Progress>();
  /** Followers that are equally far are sent one and the same message, which is then encoded once. */
  private lastAppend: AppendRequest | null = null;
  private lastAppendEnd = 0;

  constructor(private readonly member: Member) {
    this.follow();
  }

  get all(): Iterable<readonly [MemberId, Progress]> {
    return this.followers;
  }

  of(id: MemberId): Progress | undefined {
    return this.followers.get(id);
  }

  /** Keeps a progress for each other member of the configuration in force, and for nobody else. */
  follow(): void {
    const { self, log, now, configurations } = this.member;
    const members = membersOf(configurations.current);
    for (const id of this.followers.keys()) if (!members.includes(id)) this.followers.delete(id);
    for (const id of members) {
      if (id === self || this.followers.has(id)) continue;
      // The last entry is news to it: that of the term, or the one that made it a member.
      this.followers.set(id, new Progress(log.lastIndex, now));
    }
  }

  /** Sends whatever may be sent now. */
  pump(round: number): void {
    for (const [id, progress] of this.followers) this.pumpTo(id, progress, round);
  }

  pumpTo(id: MemberId, progress: Progress, round: number): void {
    const { log, options, now } = this.member;
    if (progress.state === 'snapshot') {
      // The log after it is gone as well: the receiver would need another snapshot at once.
      const { transfer } = progress;
      if (transfer && transfer.snapshot.index < log.baseIndex) this.beginTransfer(id, progress, round);
      return;
    }
    while (progress.nextIndex <= log.lastIndex && progress.hasRoom(options.appendsInFlightMax)) {
      if (progress.nextIndex <= log.baseIndex) {
        this.beginTransfer(id, progress, round);
        return;
      }
      const request = this.appendFrom(progress.nextIndex, round);
      progress.onSent(request.prevIndex + request.entries.length, now);
      this.member.send(id, request);
    }
  }

  /**
   * What is under way to a live follower does not move. Sends no data: an empty append after the last entry that was sent (an
   * empty part, for a snapshot) is answered by where to go on.
   */
  checkIfStuck(id: MemberId, progress: Progress, round: number): void {
    const { log, now, options } = this.member;
    if (!progress.isStuck(now, options.heartbeatTicks)) return;
    progress.touch(now);
    if (progress.transfer !== null) {
      this.sendPart(id, progress.transfer, progress.transfer.ask(), round);
    } else if (progress.nextIndex <= log.baseIndex) {
      this.beginTransfer(id, progress, round);
    } else {
      this.member.send(id, this.emptyAppend(progress.nextIndex - 1, round));
    }
  }

  onAccepted(progress: Progress, { matchIndex }: AppendAccepted): void {
    const { log, now } = this.member;
    if (matchIndex > log.lastIndex) return;
    progress.onAccepted(matchIndex, now);
    if (progress.state === 'snapshot' && progress.matchIndex >= log.baseIndex) progress.resume();
  }

  /** Raft, §5.3: goes back past a whole term at once, by what the follower told of the conflict. */
  onRejected(progress: Progress, { prevIndex, conflict, lastIndex }: AppendRejected): void {
    const { log } = this.member;
    const expected = progress.state === 'probe' ? prevIndex === progress.nextIndex - 1 : true;
    if (progress.state === 'snapshot' || !expected) return;
    if (prevIndex <= progress.matchIndex || prevIndex > log.lastIndex) return;
    let next = lastIndex + 1;
    if (conflict !== null) {
      const last = log.lastWithTermAtMost(conflict.term, prevIndex - 1);
      // With an entry of that term here, the logs may agree up to it; without one, nothing of that term can.
      next =
        last.term === conflict.term ? Math.max(last.index + 1, conflict.firstIndex) : conflict.firstIndex;
    }
    progress.probeFrom(Math.max(1, Math.min(next, prevIndex)));
  }

  onSnapshotProgress(
    id: MemberId,
    progress: Progress,
    { snapshotIndex, nextOffset, round }: SnapshotProgress,
  ): void {
    const { transfer } = progress;
    if (transfer?.snapshot.index !== snapshotIndex) return;
    progress.touch(this.member.now);
    if (transfer.onProgress(nextOffset)) this.sendPart(id, transfer, transfer.part(), round);
  }

  /** An append without entries: the receiver learns the commit index, and its log is verified up to `prevIndex`. */
  emptyAppend(prevIndex: number, round: number): AppendRequest {
    const { term, log, commit } = this.member;
    const prevTerm = log.termAt(prevIndex) ?? 0;
    return { kind: 'append_request', term, prevIndex, prevTerm, entries: [], commit, round };
  }

  private appendFrom(nextIndex: number, round: number): AppendRequest {
    const { term, log, commit, options } = this.member;
    const prevIndex = nextIndex - 1;
    const last = this.lastAppend;
    if (last?.prevIndex === prevIndex && last.commit === commit && last.round === round) {
      if (this.lastAppendEnd === log.lastIndex) return last;
    }
    const prevTerm = log.termAt(prevIndex) ?? 0;
    const entries = log.rangeWithin(nextIndex, options.appendBytesMax);
    this.lastAppend = { kind: 'append_request', term, prevIndex, prevTerm, entries, commit, round };
    this.lastAppendEnd = log.lastIndex;
    return this.lastAppend;
  }

  private beginTransfer(id: MemberId, progress: Progress, round: number): void {
    const { snapshot, options, now } = this.member;
    if (snapshot === null) return;
    const transfer = new SnapshotTransfer(snapshot, options.snapshotChunkBytes);
    progress.beginTransfer(transfer, now);
    this.sendPart(id, transfer, transfer.part(), round);
  }

  private sendPart(
    id: MemberId,
    { snapshot, totalBytes }: SnapshotTransfer,
    part: Part,
    round: number,
  ): void {
    const { index, term, configuration } = snapshot;
    this.member.send(id, {
      kind: 'snapshot_chunk',
      term: this.member.term,
      snapshot: { index, term, configuration },
      ...part,
      totalBytes,
      round,
    });
  }
}
