import { assert } from '@nexus/core/invariant';
import { type MemberId, type MemberKind } from './identity.js';
import { MemberState, type Standing } from './member-state.js';
import { type DigestEntry } from './message.js';
import { type GossipOptions } from './options.js';
import { PhiAccrual, type PhiAccrualOptions } from './phi-accrual.js';
import { Pool } from './pool.js';
import { Recency } from './recency.js';
import { ViewHash } from './view-hash.js';

/** A silence that is longer counts as so many rounds in the estimate of a member's habit. */
const intervalRoundsMax = 10;
const windowIntervals = 64;
/** A member that is merely heard of is forgotten after so many times the rounds of a suspicion. */
const unconfirmedPatience = 3;

/** Everybody that is known, oneself included, and the lists that are drawn from. What a list holds is decided here alone. */
export class Membership {
  readonly self: MemberState;
  /** Live members that this one may gossip with. */
  readonly reachable = new Pool('peerIndex');
  /** The suspected and dead ones among those. */
  readonly unreachable = new Pool('peerIndex');
  /** Those that digests tell of. */
  readonly vouched = new Pool('vouchedIndex');
  /** The vouched for, by their latest change. */
  readonly recency = new Recency();
  readonly viewHash = new ViewHash();
  /** Own rounds since the start. */
  round = 0;
  /** From the end of a long absence to the round after it: what is known of others is old, and unread post may wait. */
  isCatchingUp = false;
  private readonly states = new Map<string, MemberState>();
  /** In the order in which they are to be forgotten. */
  private readonly departed = new Set<MemberState>();
  private readonly unconfirmed = new Set<MemberState>();
  private forgotten: MemberState[] = [];
  private readonly phiOptions: PhiAccrualOptions;

  constructor(
    private readonly options: GossipOptions,
    selfEntry: DigestEntry,
  ) {
    const { roundMs, self } = options;
    this.phiOptions = {
      expectedMs: roundMs,
      deviationMsMin: roundMs,
      intervalMsMax: intervalRoundsMax * roundMs,
      windowIntervals,
    };
    this.self = this.insert(self.id, self.kind, selfEntry, 0);
    this.place(this.self, 'alive');
  }

  get(id: string): MemberState | undefined {
    return this.states.get(id);
  }

  all(): Iterable<MemberState> {
    return this.states.values();
  }

  /** How many are alive or may be, oneself included: the N of the fan-out. */
  get liveCount(): number {
    return this.vouched.size;
  }

  /**
   * Makes room for, and knows from now on, a member that is merely heard of.
   * @param firstHand it spoke itself; then the oldest memory of others makes room for it
   * @returns null: no room
   */
  hearOf(entry: DigestEntry, kind: MemberKind, nowMs: number, firstHand: boolean): MemberState | null {
    if (this.states.size >= this.options.membersMax && !(firstHand && this.forgetOne())) return null;
    const state = this.insert(entry.id, kind, { ...entry, maxVersion: 0, collectedVersion: 0 }, nowMs);
    this.place(state, 'unconfirmed');
    return state;
  }

  /** The one place where a standing changes. */
  place(state: MemberState, standing: Standing): void {
    this.leaveLists(state);
    state.standing = standing;
    state.standingSinceRound = this.round;
    if (state.isVouched) {
      this.vouched.add(state);
      this.count(state);
      this.changed(state);
    }
    if (standing === 'unconfirmed') this.unconfirmed.add(state);
    if (state.isDeparted) this.departed.add(state);
    if (!this.isPeer(state)) return;
    if (standing === 'alive') this.reachable.add(state);
    if (standing === 'suspected' || standing === 'dead') this.unreachable.add(state);
  }

  /** The one place where what is known of a member changes. */
  update(state: MemberState, entry: DigestEntry): void {
    const before = state.entry;
    state.entry = entry;
    if (before.maxVersion === entry.maxVersion && before.generation === entry.generation) return;
    if (!state.isVouched) return;
    this.viewHash.remove(state.idHash, before.generation, before.maxVersion);
    this.count(state);
    this.changed(state);
  }

  correctKind(state: MemberState, kind: MemberKind): void {
    if (state.kind === kind) return;
    state.kind = kind;
    state.entry = { ...state.entry, kind };
    this.place(state, state.standing);
  }

  /** Forgets who was remembered long enough. */
  forgetExpired(): void {
    const { tombstoneRounds, suspicionRounds } = this.options;
    this.expire(this.departed, tombstoneRounds);
    this.expire(this.unconfirmed, unconfirmedPatience * suspicionRounds);
  }

  /** Those that were forgotten since the last time. */
  takeForgotten(): readonly MemberState[] {
    const { forgotten } = this;
    if (forgotten.length > 0) this.forgotten = [];
    return forgotten;
  }

  private insert(id: MemberId, kind: MemberKind, entry: DigestEntry, nowMs: number): MemberState {
    assert(!this.states.has(id), 'a member has one state');
    const state = new MemberState(id, kind, entry, new PhiAccrual(this.phiOptions, nowMs));
    this.states.set(id, state);
    return state;
  }

  private expire(remembered: Set<MemberState>, rounds: number): void {
    for (const state of remembered) {
      if (this.round - state.standingSinceRound < rounds) return;
      this.forget(state);
    }
  }

  private forgetOne(): boolean {
    for (const remembered of [this.unconfirmed, this.departed]) {
      for (const oldest of remembered) {
        this.forget(oldest);
        return true;
      }
    }
    return false;
  }

  private forget(state: MemberState): void {
    this.leaveLists(state);
    this.states.delete(state.id);
    this.forgotten.push(state);
  }

  private isPeer(state: MemberState): boolean {
    return state !== this.self && (this.self.kind === 'relay' || state.kind === 'relay');
  }

  private leaveLists(state: MemberState): void {
    this.reachable.remove(state);
    this.unreachable.remove(state);
    this.departed.delete(state);
    this.unconfirmed.delete(state);
    if (!this.vouched.has(state)) return;
    this.vouched.remove(state);
    this.recency.remove(state);
    this.viewHash.remove(state.idHash, state.entry.generation, state.entry.maxVersion);
  }

  private count(state: MemberState): void {
    this.viewHash.add(state.idHash, state.entry.generation, state.entry.maxVersion);
  }

  private changed(state: MemberState): void {
    state.changedRound = this.round;
    this.recency.touch(state);
  }
}
