import { type Membership } from './membership.js';
import { type MemberState } from './member-state.js';
import { type DigestEntry, type Leave } from './message.js';
import { type GossipOptions } from './options.js';
import { type Outbox } from './outbox.js';
import { type Owner } from './owner.js';
import { type Plausibility } from './plausible.js';
import { type Source } from './source.js';
import { noViewHash } from './view-hash.js';

/** A member is alive when so many of its heartbeats were seen to be news (one may be an echo of the past). */
const sightingsMin = 2;
/** Of a round: two sightings that are closer together count once. */
const beatRoundsMin = 1 / 2;

export interface HearsayParts {
  readonly options: GossipOptions;
  readonly membership: Membership;
  readonly plausibility: Plausibility;
  readonly owner: Owner;
  readonly outbox: Outbox;
}

/** Learns from digests who lives, which life, and how it does. What keys there are comes with deltas only. */
export class Hearsay {
  constructor(private readonly parts: HearsayParts) {}

  /** @returns what is known of the member now; null: nothing follows from the entry */
  hear(entry: DigestEntry, source: Source): MemberState | null {
    const { membership, plausibility, outbox } = this.parts;
    const refusal = plausibility.refusalOfEntry(entry, source.wallMs);
    if (refusal !== null) {
      outbox.refuse(refusal, source.from);
      return null;
    }
    if (entry.id === membership.self.id) return this.hearOfUs(entry, source);
    const firstHand = entry.id === source.from;
    if (source.fromKind === 'leaf' && !firstHand) return this.heed(entry, source);
    if (firstHand && entry.kind !== source.fromKind) {
      outbox.refuse('implausible', source.from);
      return null;
    }
    return this.learn(entry, source, firstHand);
  }

  /** Who answers is there, if it was only heard of. Who was given up must show that it beats. */
  hearAnswer({ from, nowMs }: Source): void {
    const state = this.parts.membership.get(from);
    if (state?.standing === 'unconfirmed') this.revive(state, nowMs);
  }

  /** Silence that was announced is no failure, and nothing that is still told of that life brings it back. */
  hearGoodbye({ generation, heartbeat }: Leave, { from }: Source): void {
    const { membership, outbox } = this.parts;
    const state = membership.get(from);
    if (state === undefined) return;
    const { id, entry, isVouched } = state;
    // Of a later life the goodbye may be all that is ever heard.
    if (generation > entry.generation)
      this.replaceLife(state, { ...entry, generation, heartbeat, vitals: '' });
    membership.place(state, 'left');
    if (isVouched) outbox.tell({ kind: 'gone', id, generation, reason: 'left' });
  }

  /** What others know of us tells what they lack. It never tells us anything. */
  private hearOfUs(entry: DigestEntry, source: Source): MemberState | null {
    const { membership, owner, outbox } = this.parts;
    const { self } = membership;
    const ours = self.entry;
    if (entry.generation < ours.generation) return self;
    const { generation, heartbeat, maxVersion, collectedVersion } = entry;
    const within =
      generation === ours.generation &&
      heartbeat <= ours.heartbeat &&
      maxVersion <= ours.maxVersion &&
      collectedVersion <= ours.collectedVersion;
    if (within) return self;
    outbox.refuse('about_us', source.from);
    if (generation > ours.generation && source.fromKind === 'relay') owner.refute(generation, source.wallMs);
    return null;
  }

  /** A leaf names others only to say how much of them it lacks; news of them it must not have. */
  private heed(entry: DigestEntry, source: Source): MemberState | null {
    const { membership, outbox } = this.parts;
    if (entry.viewHash === noViewHash && entry.vitals === '') return membership.get(entry.id) ?? null;
    outbox.refuse('not_its_own', source.from);
    return null;
  }

  private learn(entry: DigestEntry, source: Source, firstHand: boolean): MemberState | null {
    const { membership, outbox } = this.parts;
    const state = membership.get(entry.id);
    if (state === undefined) return this.meet(entry, source, firstHand);
    if (firstHand) membership.correctKind(state, source.fromKind);
    if (state.kind !== entry.kind) {
      outbox.refuse('implausible', source.from);
      return null;
    }
    const known = state.entry;
    if (entry.generation > known.generation) this.beginLife(state, entry, source);
    else if (entry.generation === known.generation) this.continueLife(state, entry, source);
    return state;
  }

  private meet(entry: DigestEntry, source: Source, firstHand: boolean): MemberState | null {
    const { membership, outbox } = this.parts;
    const state = membership.hearOf(entry, entry.kind, source.nowMs, firstHand);
    if (state === null) outbox.refuse('too_many', source.from);
    else this.sight(state, source);
    return state;
  }

  /** A later life beats an earlier one, and nothing of the earlier one is left. */
  private beginLife(state: MemberState, entry: DigestEntry, source: Source): void {
    const { membership, outbox } = this.parts;
    const { id, isVouched } = state;
    if (isVouched) outbox.tell({ kind: 'restarted', id, generation: entry.generation });
    this.replaceLife(state, entry);
    state.phi.resume(source.nowMs);
    if (isVouched) {
      if (state.standing !== 'alive') membership.place(state, 'alive');
      return;
    }
    state.sightings = 0;
    membership.place(state, 'unconfirmed');
    this.sight(state, source);
  }

  private replaceLife(state: MemberState, entry: DigestEntry): void {
    const { membership, outbox } = this.parts;
    for (const [key] of state.values()) outbox.tell({ kind: 'key', id: state.id, key, value: null });
    state.forgetKeys();
    membership.update(state, { ...entry, maxVersion: 0, collectedVersion: 0 });
  }

  private continueLife(state: MemberState, entry: DigestEntry, source: Source): void {
    this.followWatermark(state, entry.collectedVersion);
    if (entry.heartbeat <= state.entry.heartbeat || state.standing === 'left') return;
    this.adopt(state, entry);
    if (!state.isVouched) {
      this.sight(state, source);
      return;
    }
    state.phi.observe(source.nowMs);
    if (state.standing === 'suspected') this.revive(state, source.nowMs);
  }

  /**
   * Takes over what comes with a heartbeat. How far *we* know the keys is not for others to say; and who tells in brief
   * says nothing of how it does.
   */
  private adopt(state: MemberState, entry: DigestEntry): void {
    const { maxVersion, collectedVersion } = state.entry;
    const vitals = entry.vitals === '' ? state.entry.vitals : entry.vitals;
    const same =
      entry.maxVersion === maxVersion &&
      entry.collectedVersion === collectedVersion &&
      entry.vitals === vitals;
    this.parts.membership.update(state, same ? entry : { ...entry, maxVersion, collectedVersion, vitals });
  }

  /** Tombstones go once their owner has collected them, but only when all of them are known here. */
  private followWatermark(state: MemberState, collectedVersion: number): void {
    const { entry } = state;
    if (collectedVersion <= entry.collectedVersion || collectedVersion > entry.maxVersion) return;
    state.collect(collectedVersion);
    this.parts.membership.update(state, { ...entry, collectedVersion });
  }

  /**
   * News of one that is not alive. Signs far apart may each be an echo from somebody who was away; signs at once are the
   * unread post of one who was stopped: a heart does not beat twice in half a round.
   */
  private sight(state: MemberState, source: Source): void {
    const { suspicionRounds, roundMs } = this.parts.options;
    const { nowMs } = source;
    const sinceMs = nowMs - state.sightedMs;
    if (state.sightings > 0 && sinceMs < beatRoundsMin * roundMs) return;
    if (sinceMs > suspicionRounds * roundMs) state.sightings = 0;
    if (state.sightings === 0) state.sightedMs = nowMs;
    state.sightings++;
    if (state.sightings >= sightingsMin) this.revive(state, nowMs);
  }

  private revive(state: MemberState, nowMs: number): void {
    const { membership, outbox } = this.parts;
    state.phi.resume(nowMs);
    const kind = state.standing === 'unconfirmed' ? 'joined' : 'recovered';
    state.sightings = 0;
    membership.place(state, 'alive');
    outbox.tell({ kind, id: state.id, generation: state.entry.generation });
  }
}
