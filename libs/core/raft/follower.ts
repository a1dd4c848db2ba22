import { type MemberId } from './configuration.js';
import { type Entry } from './entry.js';
import { type Member } from './member.js';
import { type AppendRequest, type Heartbeat, type SnapshotChunk } from './message.js';
import { SnapshotAssembly } from './snapshot-assembly.js';

interface Acceptance {
  readonly leader: MemberId;
  readonly term: number;
  readonly matchIndex: number;
  readonly round: number;
}

/** Raft, §5.3: takes over the leader's log. All that comes here is of the present term, from its leader. */
export class Follower {
  private readonly assembly = new SnapshotAssembly();
  /** One answer a step is enough for all appends that it brought. */
  private acceptance: Acceptance | null = null;

  constructor(private readonly member: Member) {}

  onHeartbeat(leader: MemberId, { commit, round }: Heartbeat): void {
    const { member } = this;
    // The leader sends no more than what this member said that it holds.
    member.commitTo(Math.min(commit, member.log.lastIndex));
    member.send(leader, { kind: 'heartbeat_reply', term: member.term, round });
  }

  onAppend(leader: MemberId, request: AppendRequest): void {
    const { member } = this;
    const { log } = member;
    const skipped = this.knownPart(request);
    const { prevIndex, prevTerm } = afterSkipping(request, skipped);
    if (prevIndex < member.commit) {
      this.accept(leader, member.commit, request.round);
      return;
    }
    if (prevIndex > log.lastIndex || log.termAt(prevIndex) !== prevTerm) {
      // What is committed cannot differ: who claims that it does is no leader.
      if (prevIndex > member.commit) this.reject(leader, request);
      return;
    }
    this.take(request.entries, skipped);
    const verified = request.prevIndex + request.entries.length;
    member.commitTo(Math.min(request.commit, verified));
    this.accept(leader, verified, request.round);
  }

  onChunk(leader: MemberId, chunk: SnapshotChunk): void {
    const { member } = this;
    const { index, term } = chunk.snapshot;
    if (index <= member.commit) {
      this.accept(leader, member.commit, chunk.round);
      return;
    }
    if (member.log.holds(chunk.snapshot)) {
      // Raft, §7, figure 13: the log goes through the snapshot, so all before it is committed and nothing is missing.
      member.commitTo(index);
      this.accept(leader, index, chunk.round);
      return;
    }
    const image = this.assembly.add(member.term, chunk);
    if (image === null) {
      const { nextOffset } = this.assembly;
      member.send(leader, {
        kind: 'snapshot_progress',
        term: member.term,
        snapshotIndex: index,
        nextOffset,
        round: chunk.round,
      });
      return;
    }
    member.install({ index, term, configuration: chunk.snapshot.configuration, image });
    this.accept(leader, index, chunk.round);
  }

  /** Sends the answer to the appends of this step, unless another leader or term came in between. */
  settle(): void {
    const { member, acceptance } = this;
    if (acceptance === null) return;
    this.acceptance = null;
    const { leader, term, matchIndex, round } = acceptance;
    if (term !== member.term || leader !== member.leader) return;
    member.sendAfterLog(leader, { kind: 'append_accepted', term, matchIndex, round });
  }

  /** How many entries are committed here: the leader has them too, and they may be compacted away. */
  private knownPart({ prevIndex, entries }: AppendRequest): number {
    return Math.min(entries.length, Math.max(0, this.member.commit - prevIndex));
  }

  /** Adds what is new. Only a real conflict removes anything: a late append must not undo a newer one. */
  private take(entries: readonly Entry[], skipped: number): void {
    const { member } = this;
    const { log } = member;
    let at = skipped;
    while (at < entries.length && log.holds(entries[at]!)) at++;
    if (at === entries.length) return;
    if (entries[at]!.index <= log.lastIndex) member.truncate(entries[at]!.index);
    for (; at < entries.length; at++) member.append(entries[at]!);
  }

  private accept(leader: MemberId, matchIndex: number, round: number): void {
    const before = this.acceptance;
    const { term } = this.member;
    const same = before !== null && before.term === term && before.leader === leader;
    this.acceptance = {
      leader,
      term,
      matchIndex: same ? Math.max(before.matchIndex, matchIndex) : matchIndex,
      round: same ? Math.max(before.round, round) : round,
    };
  }

  /** Tells the leader where to look next: past the whole conflicting term, or at the end of a short log (§5.3). */
  private reject(leader: MemberId, { prevIndex, round }: AppendRequest): void {
    const { member } = this;
    const { log, commit, term } = member;
    const conflictTerm = log.termAt(prevIndex);
    const conflict =
      conflictTerm === null
        ? null
        : { term: conflictTerm, firstIndex: Math.max(commit + 1, log.firstIndexOfTermAt(prevIndex)) };
    const { lastIndex } = log;
    member.send(leader, { kind: 'append_rejected', term, prevIndex, conflict, lastIndex, round });
  }
}

/** Where an append begins when its first `skipped` entries are left out. */
function afterSkipping({ prevIndex, prevTerm, entries }: AppendRequest, skipped: number) {
  const last = entries[skipped - 1];
  return last === undefined ? { prevIndex, prevTerm } : { prevIndex: last.index, prevTerm: last.term };
}
