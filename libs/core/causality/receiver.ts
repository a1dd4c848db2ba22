import { assertNever } from '@nexus/core/invariant';
import {
  type ReceiverEffects,
  type ReceiverInput,
  type ReceiverOptions,
  type ReceiverRefusal,
  type ReceiverStanding,
} from './receiving.js';
import { Reception } from './reception.js';
import { notKept, turnedAway } from './repairing.js';
import { type Held, type SenderRecord } from './sender-record.js';
import { type Channel, type Frontier, type Frontiers, isSequence, type Stamp } from './stamp.js';
import { Starts } from './starts.js';

type InputOf<M, Kind> = Extract<ReceiverInput<M>, { readonly kind: Kind }>;

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
  private readonly reception: Reception<M>;
  private readonly channels: Reception<M>['channels'];
  private readonly holdBack: Reception<M>['holdBack'];
  private readonly starts: Starts<M>;
  private cyclesAtMs = 0;
  private sweepAtMs = 0;
  private arrivals = 0;

  constructor(private readonly options: ReceiverOptions) {
    this.reception = new Reception(options);
    ({ channels: this.channels, holdBack: this.holdBack } = this.reception);
    this.starts = new Starts(this.reception);
  }

  /** The latest time of the next step, when nothing comes before; undefined: there is nothing to wait for. */
  get dueAtMs(): number | undefined {
    if (this.isSyncing) return this.starts.syncUntilMs;
    let earliest = this.holdBack.size > 0 ? this.cyclesAtMs : Infinity;
    for (const { holes } of this.holdBack.open) {
      for (const { dueAtMs } of holes.all) earliest = Math.min(earliest, dueAtMs);
    }
    return earliest === Infinity ? undefined : earliest;
  }

  /** Nothing is delivered yet: senders have time to say where they stand. */
  get isSyncing(): boolean {
    return this.starts.isSyncing;
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
    const { reception, starts } = this;
    reception.beginStep(nowMs);
    starts.open();
    for (const input of inputs) this.take(input);
    starts.closeInTime();
    if (!this.isSyncing) {
      reception.repair();
      reception.release();
      this.breakCycles();
      this.sweep();
    }
    return reception.endStep();
  }

  private take(input: ReceiverInput<M>): void {
    switch (input.kind) {
      case 'message':
        this.message(input);
        break;
      case 'sender_frontier':
        this.starts.senderFrontier(input);
        break;
      case 'synced':
        this.starts.synced(input);
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
    if (reason !== undefined) this.reception.refuse(reason, message);
  }

  private holdTargeted(held: Held<M>): ReceiverRefusal | undefined {
    if (!this.isSyncing) this.reception.claim(held.stamp);
    const isNext = !this.isSyncing && this.holdBack.unmet(held) === undefined;
    if (!isNext && !this.holdBack.hasRoomFor(held.bytes)) return 'no_room';
    this.holdBack.holdTargeted(held);
    if (isNext) this.reception.release();
    return undefined;
  }

  private holdBroadcast(
    held: Held<M>,
    { channel, sequence }: { channel: Channel; sequence: number },
  ): ReceiverRefusal | undefined {
    const senders = this.channels.get(channel);
    if (senders === undefined) return 'other_channel';
    const record = senders.heard(held.stamp.sender, this.reception.nowMs);
    if (record === undefined) return 'too_many_senders';
    this.starts.shown(record, sequence);
    if (sequence <= record.delivered) return sequence <= record.start ? 'before_start' : 'duplicate';
    if (record.held.has(sequence)) return 'duplicate';
    if (this.starts.isTooFarAhead(record, sequence)) {
      this.starts.ask();
      return 'too_far_ahead';
    }
    this.reception.show(record, sequence);
    if (!this.isSyncing) this.reception.claim(held.stamp);
    if (!this.holdInOrder(record, held, sequence)) {
      turnedAway(record, sequence, this.options);
      return 'no_room';
    }
    return undefined;
  }

  /** False when there is no room to hold it. */
  private holdInOrder(record: SenderRecord<M>, held: Held<M>, sequence: number): boolean {
    const isCrowded = !this.isSyncing && !this.holdBack.hasRoomFor(held.bytes);
    // A circle that closes only with what there is no room for would never be seen.
    if (isCrowded && sequence === record.delivered + 1 && this.holdBack.openCircles(record, held))
      this.reception.release();
    const isNext = !this.isSyncing && this.isDeliverable(record, held, sequence);
    // What can be delivered at once is never refused for want of room: it is what makes room.
    if (!isNext && !this.holdBack.hasRoomFor(held.bytes)) return false;
    this.holdBack.holdBroadcast(record, held, this.reception.missingDueAtMs);
    if (isNext) this.reception.release();
    return true;
  }

  private isDeliverable(record: SenderRecord<M>, held: Held<M>, sequence: number): boolean {
    return sequence === record.delivered + 1 && this.holdBack.unmet(held) === undefined;
  }

  private keptFrom({ channel, sender, sequence }: InputOf<M, 'kept_from'>): void {
    const record = this.channels.get(channel)?.get(sender);
    if (record !== undefined) notKept(record, sequence, this.options, this.reception.nowMs);
  }

  private turnedAway({ channel, sender, sequence }: InputOf<M, 'turned_away'>): void {
    const record = this.channels.get(channel)?.get(sender);
    if (record !== undefined) turnedAway(record, sequence, this.options);
  }

  private sent({ stamp, message }: InputOf<M, 'sent'>): void {
    const held = this.heldOf(stamp, { message, bytes: 0, isOwn: true });
    const reason = stamp.broadcast === undefined ? 'malformed' : this.takeOwn(held, stamp.broadcast);
    if (reason !== undefined) this.reception.refuse(reason, message);
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
    record.heardAtMs = this.reception.nowMs;
    record.told = Math.max(record.told, sequence);
    if (!this.isSyncing) this.reception.claim(held.stamp);
    if (record.held.size === 0 && !this.comesAfterMissing(held)) {
      record.deliver(sequence);
      senders.advanced();
      this.reception.effects.deliver.push(held.message);
      return undefined;
    }
    this.holdBack.holdBroadcast(record, held, this.reception.missingDueAtMs);
    if (record.held.size <= ownHeldMax) return undefined;
    // What was sent cannot be refused: the own ones wait no longer.
    for (const own of record.held.values()) own.isFree = true;
    this.reception.effects.deliver.push(...this.holdBack.releaseOf(record));
    return undefined;
  }

  private comesAfterMissing(held: Held<M>): boolean {
    const { stamp } = held;
    if (!this.isSyncing) return this.holdBack.unmet(held) !== undefined;
    // Nobody's start is known yet: whatever it is that others sent, it may be missing.
    const others = (frontier: Frontier) => [...frontier.keys()].some((sender) => sender !== stamp.sender);
    return this.options.channels.some((channel) => others(stamp.after.get(channel) ?? nobody));
  }

  private breakCycles(): void {
    const { nowMs } = this.reception;
    if (nowMs < this.cyclesAtMs) return;
    this.cyclesAtMs = nowMs + this.options.repairEveryMs;
    for (let rounds = 0; rounds < cyclesAtOnceMax && this.holdBack.size > 0; rounds += 1) {
      if (!this.holdBack.breakCycles()) return;
      this.reception.release();
    }
  }

  private sweep(): void {
    const { nowMs } = this.reception;
    if (nowMs < this.sweepAtMs) return;
    const { forgetAfterMs, self } = this.options;
    this.sweepAtMs = nowMs + forgetAfterMs / 4;
    for (const senders of this.channels.values()) senders.forgetSilent(nowMs - forgetAfterMs, self);
  }

  private heldOf(stamp: Stamp, came: Pick<Held<M>, 'message' | 'bytes' | 'isOwn'>): Held<M> {
    this.arrivals += 1;
    const { arrivals: arrival } = this;
    return { stamp, ...came, waitsFor: undefined, isFree: false, ignored: new Set(), arrival };
  }
}

/** A broadcast comes after those before it, and not after itself. */
function isWellFormed({ sender, broadcast, after }: Stamp): boolean {
  if (broadcast === undefined) return true;
  const own = after.get(broadcast.channel)?.get(sender) ?? 0;
  return isSequence(broadcast.sequence) && own < broadcast.sequence;
}
