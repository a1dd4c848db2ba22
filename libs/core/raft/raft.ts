import { assert, assertNever } from '@nexus/core/invariant';
import { type Configuration, type MemberId } from './configuration.js';
import { Election, type CampaignKind } from './election.js';
import { Follower } from './follower.js';
import { Leader, type FollowerReply } from './leader.js';
import { type DurableState } from './log-store.js';
import { Member } from './member.js';
import { isMember, isVoter } from './membership.js';
import { type AppendRequest, type Heartbeat, type Message, type PreVoteReply } from './message.js';
import { type SnapshotChunk, type TimeoutNow, type VoteReply, type VoteRequest } from './message.js';
import { type FollowerStatus, type RaftOptions, type RaftStatus } from './options.js';
import { isPlausible } from './plausible.js';
import { type Effects, type Input, type Standing } from './step.js';
import { answerPreVote, answerVote, ignoresVoteRequest } from './voter.js';

type Request = Extract<Input, { kind: 'propose' | 'read' | 'change' | 'transfer' }>;

/**
 * One member of a Raft group: a state machine that is told what happens and says what is to be done. It does nothing itself,
 * knows no clock and no chance but `options.random`: the same inputs lead to the same effects.
 *
 * This file decides which role a member is in; what the roles do is told by `election.ts`, `voter.ts`, `follower.ts` and
 * `leader.ts`. See ALGORITHM.md.
 */
export class Raft {
  private readonly member: Member;
  private readonly follower: Follower;
  private election: Election | null = null;
  private leader: Leader | null = null;

  /** @param durable what the store gave back; a blank store is that of a newcomer, who waits to be added */
  constructor(options: RaftOptions, durable: DurableState) {
    checkOptions(options);
    this.member = new Member(options, durable);
    this.follower = new Follower(this.member);
  }

  /** All that arrived since the last step, in order. What arrived is heard before time is judged, so ticks come last. */
  step(inputs: readonly Input[]): Effects {
    let ticks = 0;
    for (const input of inputs) {
      if (input.kind === 'tick') ticks++;
      else this.take(input);
    }
    for (; ticks > 0; ticks--) this.tick();
    this.follower.settle();
    if (this.leader?.settle() === false) this.becomeFollower();
    return this.member.takeEffects();
  }

  get standing(): Standing {
    return this.member.standing;
  }

  /** In force: the last one in the log, committed or not. */
  get configuration(): Configuration {
    return this.member.configurations.current;
  }

  get status(): RaftStatus {
    const { log, commit, snapshot } = this.member;
    return {
      firstIndex: log.baseIndex + 1,
      lastIndex: log.lastIndex,
      commit,
      snapshotIndex: snapshot?.index ?? 0,
      logBytes: log.heldBytes,
    };
  }

  /** What a leader knows of the others; empty when this member does not lead. */
  get followers(): readonly FollowerStatus[] {
    const { now } = this.member;
    return [...(this.leader?.followers ?? [])].map(
      ([member, { state, matchIndex, nextIndex, heardTick }]) => ({
        member,
        state,
        matchIndex,
        nextIndex,
        silentTicks: now - heardTick,
      }),
    );
  }

  private take(input: Exclude<Input, { kind: 'tick' }>): void {
    switch (input.kind) {
      case 'message':
        this.receive(input.from, input.message);
        break;
      case 'written':
        this.onWritten(input.sequence);
        break;
      case 'compact':
        this.member.compact(input.index, input.image);
        break;
      default:
        this.ask(input);
    }
  }

  private ask(request: Request): void {
    const { leader, member } = this;
    if (leader === null) {
      member.outbox.refuse(request.ticket, 'not_leader');
      return;
    }
    switch (request.kind) {
      case 'propose': {
        leader.onPropose(request);
        return;
      }
      case 'read': {
        leader.onRead(request);
        return;
      }
      case 'change': {
        leader.onChange(request);
        return;
      }
      case 'transfer': {
        leader.onTransfer(request);
        return;
      }
      default:
        return assertNever(request);
    }
  }

  private onWritten(sequence: number): void {
    this.member.writes.confirm(sequence);
    this.member.log.confirm(sequence);
    this.leader?.onWritten();
    this.election?.onWritten();
    this.concludeElection();
  }

  private tick(): void {
    const { member, leader } = this;
    member.now++;
    if (leader !== null) {
      if (!leader.onTick()) this.becomeFollower();
      return;
    }
    member.timer.tick();
    if (!member.timer.expired && !this.isAlone) return;
    // Who cannot write could not vote for itself either, and would only disturb the others.
    if (member.mayStand && !member.diskStalls) this.stand('pre_vote');
    else member.timer.restart();
  }

  /** The only voter has nobody to wait for. */
  private get isAlone(): boolean {
    const { role, self, configurations } = this.member;
    const { voters } = configurations.current;
    return role === 'follower' && voters.length === 1 && isVoter(configurations.current, self);
  }

  private receive(from: MemberId, message: Message): void {
    if (from === this.member.self || !isPlausible(message)) return;
    switch (message.kind) {
      case 'pre_vote_request': {
        answerPreVote(this.member, from, message);
        return;
      }
      case 'vote_request': {
        this.onVoteRequest(from, message);
        return;
      }
      case 'append_request':
      case 'heartbeat':
      case 'snapshot_chunk':
      case 'timeout_now': {
        this.onLeaderMessage(from, message);
        return;
      }
      case 'pre_vote_reply': {
        this.onPreVoteReply(from, message);
        return;
      }
      case 'vote_reply': {
        this.onVoteReply(from, message);
        return;
      }
      case 'append_accepted':
      case 'append_rejected':
      case 'heartbeat_reply':
      case 'snapshot_progress': {
        this.onFollowerReply(from, message);
        return;
      }
      default:
        return assertNever(message);
    }
  }

  private onVoteRequest(from: MemberId, request: VoteRequest): void {
    if (ignoresVoteRequest(this.member, request)) return;
    this.heed(request.term);
    answerVote(this.member, from, request);
  }

  private onPreVoteReply(from: MemberId, { term, granted }: PreVoteReply): void {
    const { member, election } = this;
    if (!this.mayBeHeeded(from)) return;
    // A granted one names the term that was asked about; a refused one may teach a newer term.
    if (!granted && term > member.term) {
      this.heed(term);
      return;
    }
    if (election?.kind !== 'pre_vote' || (granted && term !== member.term + 1)) return;
    election.record(from, granted);
    this.concludeElection();
  }

  private onVoteReply(from: MemberId, { term, granted }: VoteReply): void {
    const { member, election } = this;
    if (!this.mayBeHeeded(from)) return;
    this.heed(term);
    if (term !== member.term || election === null || election.kind === 'pre_vote') return;
    if (this.election !== election) return;
    election.record(from, granted);
    this.concludeElection();
  }

  private onFollowerReply(from: MemberId, reply: FollowerReply): void {
    if (!this.mayBeHeeded(from)) return;
    this.heed(reply.term);
    if (reply.term === this.member.term) this.leader?.onReply(from, reply);
  }

  private onLeaderMessage(
    from: MemberId,
    message: AppendRequest | Heartbeat | SnapshotChunk | TimeoutNow,
  ): void {
    const { member } = this;
    if (message.term < member.term) {
      // Not to be silent: a deposed leader learns that it is one, and one that this member cannot follow stands down.
      if (message.kind !== 'timeout_now') {
        member.send(from, { kind: 'heartbeat_reply', term: member.term, round: 0 });
      }
      return;
    }
    this.heed(message.term);
    if (message.kind === 'timeout_now') {
      if (from === member.leader && isVoter(this.configuration, member.self)) this.stand('transfer');
      return;
    }
    // A term has one leader: another one, or this very member, is not contradicted by a message.
    if (this.leader !== null || (member.leader !== null && member.leader !== from)) return;
    if (this.election !== null) this.becomeFollower();
    member.hear(from);
    if (message.kind === 'append_request') this.follower.onAppend(from, message);
    else if (message.kind === 'heartbeat') this.follower.onHeartbeat(from, message);
    else this.follower.onChunk(from, message);
  }

  /** Replies of who was removed, or never was a member, mean nothing: least of all a newer term. */
  private mayBeHeeded(from: MemberId): boolean {
    return isMember(this.configuration, from);
  }

  /** Raft, §5.1: whoever sees a newer term adopts it and is a follower, before anything else. */
  private heed(term: number): void {
    if (term <= this.member.term) return;
    this.becomeFollower();
    this.member.adoptTerm(term);
  }

  private stand(kind: CampaignKind): void {
    this.election = new Election(this.member, kind);
    this.concludeElection();
  }

  private concludeElection(): void {
    const { election } = this;
    const verdict = election?.verdict ?? 'open';
    if (election === null || verdict === 'open') return;
    if (verdict === 'lost') this.becomeFollower();
    else if (election.kind === 'pre_vote') this.stand('vote');
    else {
      this.election = null;
      this.leader = new Leader(this.member);
    }
  }

  /** Within the term: its vote stays. Who led gets a fresh timer; who did not keeps the one that is running. */
  private becomeFollower(): void {
    const { member, leader } = this;
    this.election = null;
    this.leader = null;
    member.role = 'follower';
    if (leader === null) return;
    leader.end();
    member.leader = null;
    member.timer.restart();
  }
}

function checkOptions(options: RaftOptions): void {
  const { electionTicksMin, electionTicksMax, heartbeatTicks } = options;
  assert(heartbeatTicks >= 1, 'a heartbeat takes a tick');
  assert(heartbeatTicks < electionTicksMin, 'heartbeats come more often than elections');
  assert(electionTicksMin < electionTicksMax, 'election time-outs differ');
  const { appendBytesMax, appendsInFlightMax, snapshotChunkBytes, readsMax, commandBytesMax } = options;
  for (const bound of [appendBytesMax, appendsInFlightMax, snapshotChunkBytes, readsMax, commandBytesMax]) {
    assert(bound >= 1, 'every bound lets something through');
  }
}
