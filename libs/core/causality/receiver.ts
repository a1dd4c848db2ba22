import { assertNever } from '@nexus/core/invariant';
import { ChannelSenders } from './channel-senders.js';
import { HoldBack } from './hold-back.js';
import {
  type Gap,
  type ReceiverEffects,
  type ReceiverInput,
  type ReceiverOptions,
  type ReceiverRefusal,
  type ReceiverStanding,
  type Repair,
} from './receiving.js';
import { notKept, repairDue, turnedAway } from './repairing.js';
import { type Held, type SenderRecord, type StartSource } from './sender-record.js';
import { type Channel, type Frontier, type Frontiers, type Stamp } from './stamp.js';

type InputOf<M, Kind> = Extract<ReceiverInput<M>, { readonly kind: Kind }>;

interface Draft<M> {
  readonly deliver: M[];
  readonly gaps: Gap[];
  readonly repairs: Repair[];
  readonly refused: { readonly reason: ReceiverRefusal; readonly message: M }[];
  askSync: boolean;
}

/** Own broadcasts that wait, a channel: they are never refused, so they have a bound of their own. */
const ownHeldMax = 1_024;

/** Circles that lie behind each other and are broken in one step; the others are a little later. */
const cyclesAtOnceMax = 16;

const nobody: Frontier = new Map();

/**
 * Delivers broadcasts in causal order, each once: the next one of a sender, after everything that the sender had seen
 * when it sent it. What comes too early is held back; what does not come is asked for, and given up in the end.
 *
 * One pure step. The caller hands over what came and the time, carries out the effects in their order, and steps again
 * no later than `dueAtMs`. A step that comes late is as good as one in time.
 */
export class CausalReceiver<M> implements ReceiverStanding {
  private readonly channels = new Map<Channel, ChannelSenders<M>>();
  private readonly holdBack: HoldBack<M>;
  /** Undefined: before the first step. */
  private startedAtMs: number | undefined;
  private syncing = true;
  /** Somebody said where senders stand. */
  private isToldOfStarts = false;
  private asksOfSync = 0;
  private syncAskedAtMs = 0;
  private cyclesAtMs = 0;
  private sweepAtMs = 0;
  private nowMs = 0;
  private arrivals = 0;
  private effects: Draft<M> = draft();

  constructor(private readonly options: ReceiverOptions) {
    for (const channel of options.channels) {
      this.channels.set(channel, new ChannelSenders(channel, options.sendersMax));
    }
    this.holdBack = new HoldBack(this.channels, options);
  }

  /** The latest time of the next step, when nothing comes before; undefined: there is nothing to wait for. */
  get dueAtMs(): number | undefined {
    if (this.startedAtMs === undefined) return undefined;
    if (this.syncing) return this.syncUntilMs;
    let earliest = this.holdBack.size > 0 ? this.cyclesAtMs : Infinity;
    for (const { holes } of this.holdBack.open) {
      for (const { dueAtMs } of holes.all) earliest = Math.min(earliest, dueAtMs);
    }
    return earliest === Infinity ? undefined : earliest;
  }

  /** Nothing is delivered yet: senders have time to say where they stand. */
  get isSyncing(): boolean {
    return this.syncing;
  }

  get held(): number {
    return this.holdBack.size;
  }

  get frontiers(): Frontiers {
    return new Map([...this.channels].map(([channel, senders]) => [channel, senders.frontier]));
  }

  frontier(channel: Channel): Frontier {
    return this.channels.get(channel)?.frontier ?? nobody;
  }

  step(inputs: readonly ReceiverInput<M>[], { nowMs }: { nowMs: number }): ReceiverEffects<M> {
    this.effects = draft();
    this.nowMs = Math.max(this.nowMs, nowMs);
    if (this.startedAtMs === undefined) {
      this.startedAtMs = this.nowMs;
      this.askSync();
    }
    for (const input of inputs) this.take(input);
    if (this.syncing && this.nowMs >= this.syncUntilMs) this.begin();
    if (!this.syncing) {
      this.repair();
      this.release();
      this.breakCycles();
      this.sweep();
    }
    return this.effects;
  }

  /** When the first wait for the senders' words is over. */
  private get syncUntilMs(): number {
    const { syncMs, syncMsMax } = this.options;
    return (this.startedAtMs ?? Infinity) + (this.isToldOfStarts ? syncMs : syncMsMax);
  }

  private take(input: ReceiverInput<M>): void {
    switch (input.kind) {
      case 'message':
        this.message(input);
        break;
      case 'sender_frontier':
        this.senderFrontier(input);
        break;
      case 'synced':
        this.synced(input);
        break;
      case 'kept_from':
        this.keptFrom(input);
        break;
      case 'sent':
        this.sent(input);
        break;
      case 'turned_away':
        this.turnedAway(input);
        break;
      case 'tick':
        break;
      default:
        assertNever(input);
    }
  }

  private message({ stamp, message, bytes }: InputOf<M, 'message'>): void {
    const held = this.heldOf(stamp, { message, bytes, isOwn: false });
    const reason = isWellFormed(stamp)
      ? stamp.broadcast === undefined
        ? this.holdTargeted(held)
        : this.holdBroadcast(held, stamp.broadcast)
      : 'malformed';
    if (reason !== undefined) this.refuse(reason, message);
  }

  private holdTargeted(held: Held<M>): ReceiverRefusal | undefined {
    if (!this.syncing) this.claim(held.stamp);
    const isNext = !this.syncing && this.holdBack.unmet(held) === undefined;
    if (!isNext && !this.holdBack.hasRoomFor(held.bytes)) return 'no_room';
    this.holdBack.holdTargeted(held);
    if (isNext) this.release();
    return undefined;
  }

  private holdBroadcast(
    held: Held<M>,
    { channel, sequence }: { channel: Channel; sequence: number },
  ): ReceiverRefusal | undefined {
    const senders = this.channels.get(channel);
    if (senders === undefined) return 'other_channel';
    const record = senders.heard(held.stamp.sender, this.nowMs);
    if (record === undefined) return 'too_many_senders';
    if (this.isBeyondBelief(record, sequence)) this.beginAnew(record, sequence - 1);
    if (sequence <= record.delivered) return sequence <= record.start ? 'before_start' : 'duplicate';
    if (record.held.has(sequence)) return 'duplicate';
    if (!this.syncing && sequence > record.delivered + this.options.aheadMax) {
      this.askSync();
      return 'too_far_ahead';
    }
    this.show(record, sequence);
    if (!this.syncing) this.claim(held.stamp);
    if (!this.holdInOrder(record, held, sequence)) {
      turnedAway(record, sequence, this.options);
      return 'no_room';
    }
    return undefined;
  }

  /** False when there is no room to hold it. */
  private holdInOrder(record: SenderRecord<M>, held: Held<M>, sequence: number): boolean {
    const isCrowded = !this.syncing && !this.holdBack.hasRoomFor(held.bytes);
    // A circle that closes only with what there is no room for would never be seen.
    if (isCrowded && sequence === record.delivered + 1 && this.holdBack.openCircles(record, held))
      this.release();
    const isNext = !this.syncing && this.isDeliverable(record, held, sequence);
    // What can be delivered at once is never refused for want of room: it is what makes room.
    if (!isNext && !this.holdBack.hasRoomFor(held.bytes)) return false;
    this.holdBack.holdBroadcast(record, held, this.missingDueAtMs());
    if (isNext) this.release();
    return true;
  }

  private isDeliverable(record: SenderRecord<M>, held: Held<M>, sequence: number): boolean {
    return sequence === record.delivered + 1 && this.holdBack.unmet(held) === undefined;
  }

  /** A sender's word about itself, unasked. */
  private senderFrontier({ sender, channel, sequence }: InputOf<M, 'sender_frontier'>): void {
    if (!isSequence(sequence) || sender === this.options.self) return;
    const record = this.channels.get(channel)?.heard(sender, this.nowMs);
    if (record === undefined) return;
    if (this.syncing) record.saidStart ??= sequence;
    this.ownWord(record, sequence);
  }

  private synced({ sender, frontiers }: InputOf<M, 'synced'>): void {
    const { self } = this.options;
    if (sender !== self) this.isToldOfStarts = true;
    for (const [channel, senders] of this.channels) {
      const frontier = frontiers.get(channel) ?? nobody;
      if (sender !== self) this.syncedItself(senders.heard(sender, this.nowMs), frontier.get(sender) ?? 0);
      for (const [other, sequence] of frontier) {
        if (other === sender || other === self || !isSequence(sequence)) continue;
        const record = this.isStartOpen ? senders.talkedAbout(other, sequence) : undefined;
        if (record !== undefined) this.syncedByOther(record, sequence, sender === self);
      }
    }
  }

  /** Answers to the first question tell where senders stand, also those that come late; but none for ever. */
  private get isStartOpen(): boolean {
    return this.syncing || (this.asksOfSync === 1 && this.nowMs < this.syncUntilMs + this.patienceMs());
  }

  private syncedByOther(record: SenderRecord<M>, sequence: number, isOurs: boolean): void {
    record.heardStart = Math.max(sequence, record.heardStart ?? 0);
    if (isOurs) record.knownStart = sequence;
    if (this.syncing || record.source !== 'nobody' || record.heardAtMs !== undefined) return;
    // Nobody had said in time where it stands: what lies before is history, and is not to be asked for.
    const { start, source } = record.wordsHeard(this.options.aheadMax);
    this.beginAnew(record, start, source);
  }

  /** Of itself a sender is believed, and its first word is its start: what it sent since then is on its way. */
  private syncedItself(record: SenderRecord<M> | undefined, sequence: number): void {
    if (record === undefined || (sequence !== 0 && !isSequence(sequence))) return;
    if (this.syncing) record.saidStart ??= sequence;
    const isLate = !this.syncing && this.asksOfSync === 1 && record.source === 'nobody';
    if (isLate && record.delivered === 0 && sequence > 0) this.beginAfterLateWord(record, sequence);
    else if (!this.syncing && sequence > record.delivered + this.options.aheadMax)
      this.jump(record, sequence);
    else this.ownWord(record, sequence);
  }

  /** It may have come after what was sent just before it: that is held, and was sent to us. */
  private beginAfterLateWord(record: SenderRecord<M>, sequence: number): void {
    record.saidStart ??= sequence;
    const { start, source } = record.wordsHeard(this.options.aheadMax);
    this.beginAnew(record, start, source);
  }

  private ownWord(record: SenderRecord<M>, sequence: number): void {
    if (this.isDisproved(record, sequence)) this.beginAnew(record, sequence);
    if (!this.syncing && sequence > record.delivered + this.options.aheadMax) this.askSync();
    else this.show(record, sequence);
  }

  /**
   * Others had said that the sender was further. What it said before is no longer on its way after the time of all
   * repairs: then its own word counts, so that nobody can silence another one for those who join.
   */
  private isDisproved(record: SenderRecord<M>, sequence: number): boolean {
    if (!isHearsay(record) || sequence >= record.start) return false;
    return this.isBeyondBelief(record, sequence) || this.nowMs >= record.startedAtMs + this.patienceMs();
  }

  /** Others had said so much more than the sender itself shows that nothing of it can be so. */
  private isBeyondBelief(record: SenderRecord<M>, sequence: number): boolean {
    return isHearsay(record) && record.start - sequence > this.options.aheadMax;
  }

  private keptFrom({ channel, sender, sequence }: InputOf<M, 'kept_from'>): void {
    const record = this.channels.get(channel)?.get(sender);
    if (record !== undefined) notKept(record, sequence, this.options, this.nowMs);
  }

  private turnedAway({ channel, sender, sequence }: InputOf<M, 'turned_away'>): void {
    const record = this.channels.get(channel)?.get(sender);
    if (record !== undefined) turnedAway(record, sequence, this.options);
  }

  private sent({ stamp, message }: InputOf<M, 'sent'>): void {
    const held = this.heldOf(stamp, { message, bytes: 0, isOwn: true });
    const reason = stamp.broadcast === undefined ? 'malformed' : this.takeOwn(held, stamp.broadcast);
    if (reason !== undefined) this.refuse(reason, message);
  }

  /** At once, unless its sender had heard from an answer of something that was not delivered here yet. */
  private takeOwn(
    held: Held<M>,
    { channel, sequence }: { channel: Channel; sequence: number },
  ): ReceiverRefusal | undefined {
    const senders = this.channels.get(channel);
    if (senders === undefined) return 'other_channel';
    const record = senders.own(held.stamp.sender);
    if (sequence <= record.delivered || record.held.has(sequence)) return 'duplicate';
    record.source = 'itself';
    record.heardAtMs = this.nowMs;
    record.told = Math.max(record.told, sequence);
    if (!this.syncing) this.claim(held.stamp);
    if (record.held.size === 0 && !this.comesAfterMissing(held)) {
      record.deliver(sequence);
      senders.advanced();
      this.effects.deliver.push(held.message);
      return undefined;
    }
    this.holdBack.holdBroadcast(record, held, this.missingDueAtMs());
    if (record.held.size <= ownHeldMax) return undefined;
    // What was sent cannot be refused: the own ones wait no longer.
    for (const own of record.held.values()) own.isFree = true;
    this.effects.deliver.push(...this.holdBack.releaseOf(record));
    return undefined;
  }

  private comesAfterMissing(held: Held<M>): boolean {
    const { stamp } = held;
    if (!this.syncing) return this.holdBack.unmet(held) !== undefined;
    // Nobody's start is known yet: whatever it is that others sent, it may be missing.
    const others = (frontier: Frontier) => [...frontier.keys()].some((sender) => sender !== stamp.sender);
    return this.options.channels.some((channel) => others(stamp.after.get(channel) ?? nobody));
  }

  /** The wait for the senders' words is over: every sender known has a start, and what was held is looked at. */
  private begin(): void {
    this.syncing = false;
    for (const senders of this.channels.values()) {
      for (const record of senders.all) {
        if (record.source === 'itself') continue;
        const { start, source } = record.wordsHeard(this.options.aheadMax);
        this.beginWith(record, start, source);
      }
    }
    this.claimAll();
  }

  /** The word on where it stands came late: what is held still waits for all that it comes after. */
  private beginAnew(record: SenderRecord<M>, start: number, source: StartSource = 'itself'): void {
    this.beginWith(record, start, source);
    this.claimAll();
  }

  private beginWith(record: SenderRecord<M>, start: number, source: StartSource): void {
    const { nowMs, options } = this;
    const dueAtMs = this.missingDueAtMs();
    const outside = record.begin(start, { source, nowMs, dueAtMs, aheadMax: options.aheadMax });
    for (const held of outside) {
      this.holdBack.dropped(held);
      const isBefore = held.stamp.broadcast!.sequence <= start;
      this.refuse(isBefore ? 'before_start' : 'too_far_ahead', held.message);
    }
    this.channels.get(record.channel)?.advanced();
    if (!record.isIdle) this.holdBack.open.add(record);
  }

  private show(record: SenderRecord<M>, sequence: number): void {
    record.show(sequence, this.missingDueAtMs());
    if (!record.isIdle) this.holdBack.open.add(record);
  }

  /** What a message comes after is missing, as far as it is not there: it is asked for, all of it at once. */
  private claim({ sender: by, after }: Stamp): void {
    for (const [channel, senders] of this.channels) {
      for (const [sender, sequence] of after.get(channel) ?? []) {
        if (sender === this.options.self || sequence <= (senders.get(sender)?.delivered ?? 0)) continue;
        const record = senders.talkedAbout(sender, sequence);
        record?.claim(sequence, { by, dueAtMs: this.missingDueAtMs() });
        if (record !== undefined && !record.isIdle) this.holdBack.open.add(record);
      }
    }
  }

  private claimAll(): void {
    for (const { stamp } of this.holdBack.all) this.claim(stamp);
  }

  /** So far ahead that what lies between is not to be had one by one. */
  private jump(record: SenderRecord<M>, sequence: number): void {
    const { channel, sender } = record;
    for (const [from, to] of record.jump(sequence)) this.effects.gaps.push({ channel, sender, from, to });
    this.holdBack.open.add(record);
    this.claimAll();
  }

  private repair(): void {
    const { repairs, gaps } = repairDue(this.holdBack.open, this.options, this.nowMs);
    this.effects.repairs.push(...repairs);
    this.effects.gaps.push(...gaps);
  }

  private release(): void {
    this.effects.deliver.push(...this.holdBack.release());
  }

  private breakCycles(): void {
    if (this.nowMs < this.cyclesAtMs) return;
    this.cyclesAtMs = this.nowMs + this.options.repairEveryMs;
    for (let rounds = 0; rounds < cyclesAtOnceMax && this.holdBack.size > 0; rounds += 1) {
      if (!this.holdBack.breakCycles()) return;
      this.release();
    }
  }

  private sweep(): void {
    if (this.nowMs < this.sweepAtMs) return;
    const { forgetAfterMs, self } = this.options;
    this.sweepAtMs = this.nowMs + forgetAfterMs / 4;
    for (const senders of this.channels.values()) senders.forgetSilent(this.nowMs - forgetAfterMs, self);
  }

  /** At the start, and when a sender is too far ahead; not again before all repairs would be over. */
  private askSync(): void {
    if (this.asksOfSync > 0 && this.nowMs < this.syncAskedAtMs + this.patienceMs()) return;
    this.asksOfSync += 1;
    this.syncAskedAtMs = this.nowMs;
    this.effects.askSync = true;
  }

  private missingDueAtMs(): number {
    return this.nowMs + this.options.repairAfterMs;
  }

  private patienceMs(): number {
    const { repairAfterMs, repairEveryMs, repairsMax } = this.options;
    return repairAfterMs + repairsMax * repairEveryMs;
  }

  private heldOf(stamp: Stamp, came: Pick<Held<M>, 'message' | 'bytes' | 'isOwn'>): Held<M> {
    this.arrivals += 1;
    const { arrivals: arrival } = this;
    return { stamp, ...came, waitsFor: undefined, isFree: false, ignored: new Set(), arrival };
  }

  private refuse(reason: ReceiverRefusal, message: M): void {
    this.effects.refused.push({ reason, message });
  }
}

/** A broadcast comes after those before it, and not after itself. */
function isWellFormed({ sender, broadcast, after }: Stamp): boolean {
  if (broadcast === undefined) return true;
  const own = after.get(broadcast.channel)?.get(sender) ?? 0;
  return isSequence(broadcast.sequence) && own < broadcast.sequence;
}

/** What is known of the sender others have said, and nothing of it was delivered. */
function isHearsay<M>({ source, delivered, start }: SenderRecord<M>): boolean {
  return source === 'others' && delivered === start;
}

function isSequence(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function draft<M>(): Draft<M> {
  return { deliver: [], gaps: [], repairs: [], refused: [], askSync: false };
}
