import { cutDelta, type DeltaMerger } from './delta.js';
import { type DigestWriter } from './digest.js';
import { hotRounds } from './fan-out.js';
import { type Hearsay } from './hearsay.js';
import { type MemberId } from './identity.js';
import { type MemberState } from './member-state.js';
import { type Membership } from './membership.js';
import { envelopeBytes } from './message-size.js';
import { type Ack, type DigestEntry, type MemberDelta, type Syn, type SynAck } from './message.js';
import { type Outbox } from './outbox.js';
import { Room } from './room.js';
import { type Source } from './source.js';

/** News and questions take no more of an answer than this before what was asked for. */
const digestShare = 1 / 2;

/** A member whose sender lacks something, and what it has. */
interface Lack {
  readonly state: MemberState;
  readonly claim: DigestEntry;
}

/** How a digest differs from what we know. */
interface Comparison {
  /** Those of whom we know more, or less. */
  readonly differing: readonly MemberState[];
  /** Those whose keys we can give. */
  readonly lacks: readonly Lack[];
  /** We were named: an answer that names us asks whether we are there. */
  readonly namesUs: boolean;
}

export interface ExchangeParts {
  readonly cluster: string;
  readonly membership: Membership;
  readonly digests: DigestWriter;
  readonly hearsay: Hearsay;
  readonly merger: DeltaMerger;
  readonly outbox: Outbox;
}

/**
 * Two members tell each other what they lack (van Renesse et al. 2008): digest, delta and digest, delta. Nobody waits for
 * anybody: each message is answered from what is known when it comes, and one that is lost costs a round.
 */
export class Exchange {
  private readonly envelope: number;

  constructor(private readonly parts: ExchangeParts) {
    this.envelope = envelopeBytes(parts.cluster);
  }

  /** @param bytesMax of the message */
  begin(to: MemberId | 'seed', bytesMax: number, scope: 'all' | 'hot'): void {
    const { digests } = this.parts;
    const room = new Room(bytesMax - this.envelope);
    const digest: DigestEntry[] = [];
    digests.begin();
    digests.addHot(digest, room);
    if (scope === 'all') digests.addInTurn(digest, room);
    if (digest.length === 0) return;
    const message: Syn = { kind: 'syn', ...this.addressOf(scope === 'hot'), digest };
    this.parts.outbox.send({ to, message }, bytesMax - room.left);
  }

  onSyn(syn: Syn, source: Source): void {
    const { digests, outbox } = this.parts;
    digests.begin();
    const { differing, lacks } = this.compare(syn.digest, source);
    const bytesMax = outbox.budget.forAnswer();
    const room = new Room(bytesMax - this.envelope);
    const digest: DigestEntry[] = [];
    const leave = room.left * (1 - digestShare);
    for (const state of differing) if (room.left < leave || !digests.add(digest, state, room)) break;
    const deltas = this.cut(lacks, room);
    digests.addHot(digest, room);
    digests.addInTurn(digest, room);
    if (digest.length === 0 && deltas.length === 0) return;
    const message: SynAck = { kind: 'syn_ack', ...this.addressOf(syn.urgent), digest, deltas };
    outbox.send({ to: source.from, message }, bytesMax - room.left);
  }

  onSynAck(synAck: SynAck, source: Source): void {
    const { digests, outbox } = this.parts;
    digests.begin();
    const { lacks, namesUs } = this.compare(synAck.digest, source);
    this.parts.hearsay.hearAnswer(source);
    this.merge(synAck.deltas, source);
    const bytesMax = outbox.budget.forAnswer();
    const room = new Room(bytesMax - this.envelope);
    const deltas = this.cut(lacks, room);
    if (deltas.length === 0 && !namesUs) return;
    const message: Ack = { kind: 'ack', ...this.addressOf(synAck.urgent), deltas };
    outbox.send({ to: source.from, message }, bytesMax - room.left);
  }

  /** @returns whether it brought something that is to be passed on at once */
  onAck(ack: Ack, source: Source): boolean {
    const { hearsay, membership } = this.parts;
    hearsay.hearAnswer(source);
    const before = membership.viewHash.value;
    this.merge(ack.deltas, source);
    // A leaf has nothing to tell of others.
    return ack.urgent === true && membership.self.kind === 'relay' && membership.viewHash.value !== before;
  }

  /** Tells an earlier life of a member that there is a later one. */
  tellOfLaterLife(state: MemberState, source: Source): void {
    const { digests, outbox } = this.parts;
    const bytesMax = outbox.budget.forAnswer();
    const room = new Room(bytesMax - this.envelope);
    const digest: DigestEntry[] = [];
    digests.begin();
    if (!digests.add(digest, state, room)) return;
    const message: SynAck = { kind: 'syn_ack', ...this.addressOf(), digest, deltas: [] };
    outbox.send({ to: source.from, message }, bytesMax - room.left);
  }

  private addressOf(urgent = false): Pick<Syn, 'cluster' | 'generation' | 'urgent'> {
    const { cluster, membership } = this.parts;
    const { generation } = membership.self.entry;
    return urgent ? { cluster, generation, urgent: true } : { cluster, generation };
  }

  private compare(digest: readonly DigestEntry[], source: Source): Comparison {
    const { hearsay, digests, membership } = this.parts;
    const differing: MemberState[] = [];
    const lacks: Lack[] = [];
    let namesUs = false;
    for (const claim of digest) {
      const state = hearsay.hear(claim, source);
      if (state === null) continue;
      if (state === membership.self) namesUs = true;
      // Whether it is there is asked of itself alone.
      if (state.standing === 'unconfirmed' && state.id === source.from) differing.push(state);
      if (!state.isVouched) continue;
      digests.mark(state);
      if (this.lacks(claim, state.entry) || this.isNews(claim, state)) differing.push(state);
      if (this.canGive(claim, state)) lacks.push({ state, claim });
    }
    return { differing, lacks, namesUs };
  }

  /** We lack keys that the sender has. */
  private lacks(claim: DigestEntry, { generation, maxVersion }: DigestEntry): boolean {
    return claim.generation === generation && claim.maxVersion > maxVersion;
  }

  private isNews(claim: DigestEntry, state: MemberState): boolean {
    const { generation, heartbeat } = state.entry;
    const isOlder =
      claim.generation < generation || (claim.generation === generation && claim.heartbeat < heartbeat);
    return isOlder && this.mayTellOf(state);
  }

  private canGive(claim: DigestEntry, state: MemberState): boolean {
    const { generation, maxVersion } = state.entry;
    const isOlder =
      claim.generation < generation || (claim.generation === generation && claim.maxVersion < maxVersion);
    return isOlder && this.mayTellOf(state);
  }

  /** A leaf speaks for itself alone. */
  private mayTellOf(state: MemberState): boolean {
    const { self } = this.parts.membership;
    return self.kind === 'relay' || state === self;
  }

  /** Who changed last first: what does not fit comes in a later round. */
  private cut(lacks: readonly Lack[], room: Room): MemberDelta[] {
    const { membership } = this.parts;
    const since = membership.round - hotRounds(membership.liveCount);
    const deltas: MemberDelta[] = [];
    for (const hot of [true, false]) {
      for (const { state, claim } of lacks) {
        if (state.changedRound >= since !== hot) continue;
        const delta = cutDelta(state, claim, room);
        if (delta !== null) deltas.push(delta);
      }
    }
    return deltas;
  }

  private merge(deltas: readonly MemberDelta[], source: Source): void {
    for (const delta of deltas) this.parts.merger.merge(delta, source);
  }
}
