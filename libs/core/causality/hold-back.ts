import { type ChannelSenders } from './channel-senders.js';
import { type Dependency, type Held, type SenderRecord } from './sender-record.js';
import { type Channel } from './stamp.js';

export interface HoldBackBounds {
  readonly heldMax: number;
  readonly heldBytesMax: number;
}

/** Messages that came before something that they come after, and the rule that releases them. */
export class HoldBack<M> {
  /** Senders of which something is missing, or waits. */
  readonly open = new Set<SenderRecord<M>>();
  /** To this receiver alone, in the order in which they came. */
  private targeted: Held<M>[] = [];
  private bytes = 0;
  private count = 0;
  private ownCount = 0;

  constructor(
    private readonly channels: ReadonlyMap<Channel, ChannelSenders<M>>,
    private readonly bounds: HoldBackBounds,
  ) {}

  get size(): number {
    return this.count;
  }

  /** Own broadcasts are bounded apart: they take no room of what others sent. */
  hasRoomFor(bytes: number): boolean {
    return this.count - this.ownCount < this.bounds.heldMax && this.bytes + bytes <= this.bounds.heldBytesMax;
  }

  holdTargeted(held: Held<M>): void {
    this.targeted.push(held);
    this.added(held);
  }

  holdBroadcast(record: SenderRecord<M>, held: Held<M>, dueAtMs: number): void {
    record.hold(held.stamp.broadcast!.sequence, held, dueAtMs);
    this.open.add(record);
    this.added(held);
  }

  /** It left by another way than `release`. */
  dropped(held: Held<M>): void {
    this.count -= 1;
    if (held.isOwn) this.ownCount -= 1;
    this.bytes -= held.bytes;
  }

  get all(): readonly Held<M>[] {
    return [...[...this.open].flatMap(({ held }) => [...held.values()]), ...this.targeted];
  }

  /** What a message comes after and is not there yet; of channels that this receiver does not belong to, nothing. */
  unmet({ stamp, ignored }: Held<M>): Dependency<M> | undefined {
    for (const [channel, senders] of this.channels) {
      for (const [sender, sequence] of stamp.after.get(channel) ?? []) {
        const record = senders.get(sender);
        if (record === undefined || ignored.has(record)) continue;
        if (!record.isSettled(sequence)) return { record, sequence };
      }
    }
    return undefined;
  }

  /**
   * All that may be delivered, in causal order. Of several that may be, those to this receiver alone go first, then by
   * the names of channel and sender: what is delivered depends on what came and not on the order of a set.
   */
  release(): M[] {
    const released: M[] = [];
    let hasProgress = true;
    while (hasProgress) {
      hasProgress = this.releaseTargeted(released);
      for (const record of [...this.open].sort(byChannelAndSender)) {
        while (this.advance(record, released)) hasProgress = true;
        if (record.isIdle) this.open.delete(record);
      }
    }
    return released;
  }

  /** What may be delivered of one sender alone. */
  releaseOf(record: SenderRecord<M>): M[] {
    const released: M[] = [];
    while (this.advance(record, released));
    return released;
  }

  /**
   * Messages that wait for each other were stamped by liars, or by who believed them: no honest sender has seen what was
   * not sent yet. One of each circle waits no longer for what it waits for there, and still for all else. True when there
   * was one.
   */
  breakCycles(): boolean {
    let isBroken = false;
    for (const { held, delivered } of [...this.open].sort(byChannelAndSender)) {
      const circle = this.circleAhead(held.get(delivered + 1));
      if (circle === undefined) continue;
      ignore(this.leastCredible(circle));
      isBroken = true;
    }
    return isBroken;
  }

  /** Opens the circles that close with the next broadcast of a sender, which is not held. True when there was one. */
  openCircles(record: SenderRecord<M>, next: Held<M>): boolean {
    let isOpened = false;
    while (this.isWaiting(next)) {
      const circle = this.circleClosedBy(record, next);
      if (circle === undefined) break;
      ignore(this.leastCredible(circle));
      isOpened = true;
    }
    return isOpened;
  }

  /** The one of a circle that was sent first: it comes after none of the others, and says so all the same. */
  private leastCredible([first, ...others]: readonly Held<M>[]): Held<M> {
    return others.reduce((least, held) => (this.isBefore(held, least) ? held : least), first!);
  }

  /**
   * Whether it was sent before the other one, as far as can be told: the other one has seen it. When each says so of the
   * other, a claim of what nobody shows to be is a lie more likely than not; else what was seen here first was first.
   */
  private isBefore(held: Held<M>, other: Held<M>): boolean {
    const isSeen = hasSeen(other, held);
    if (isSeen !== hasSeen(held, other)) return isSeen;
    const isProved = claimsWhatIs(held);
    return isProved === claimsWhatIs(other) ? this.seenAt(held) < this.seenAt(other) : !isProved;
  }

  private seenAt({ stamp: { sender, broadcast }, arrival }: Held<M>): number {
    const record = broadcast && this.channels.get(broadcast.channel)?.get(sender);
    return Math.min(arrival, record?.nextSeen ?? Infinity);
  }

  private circleClosedBy(record: SenderRecord<M>, next: Held<M>): readonly Held<M>[] | undefined {
    const path = new Set<Held<M>>();
    let at: Held<M> | undefined = next;
    while (at !== undefined && !path.has(at) && this.isWaiting(at)) {
      path.add(at);
      const waitsFor: Dependency<M> = at.waitsFor!;
      if (waitsFor.record === record) return [...path];
      if (waitsFor.record.holes.reachUpTo(waitsFor.sequence)) return undefined;
      at = waitsFor.record.held.get(waitsFor.record.delivered + 1);
    }
    return undefined;
  }

  private advance(record: SenderRecord<M>, released: M[]): boolean {
    const sequence = record.delivered + 1;
    const next = record.held.get(sequence);
    if (next !== undefined && this.isWaiting(next)) return false;
    if (next === undefined && !record.skipGivenUp()) return false;
    if (next !== undefined) {
      record.deliver(sequence);
      this.dropped(next);
      released.push(next.message);
    }
    this.channels.get(record.channel)?.advanced();
    return true;
  }

  private releaseTargeted(released: M[]): boolean {
    const waiting = this.targeted.filter((held) => {
      if (this.isWaiting(held)) return true;
      this.dropped(held);
      released.push(held.message);
      return false;
    });
    const isReleased = waiting.length < this.targeted.length;
    this.targeted = waiting;
    return isReleased;
  }

  private isWaiting(held: Held<M>): boolean {
    if (held.isFree) return false;
    if (held.waitsFor !== undefined && !held.waitsFor.record.isSettled(held.waitsFor.sequence)) return true;
    held.waitsFor = this.unmet(held);
    return held.waitsFor !== undefined;
  }

  /** Follows who waits for whom: to a circle, or to something that is being asked for, which ends by itself. */
  private circleAhead(head: Held<M> | undefined): readonly Held<M>[] | undefined {
    const path = new Set<Held<M>>();
    let at = head;
    while (at !== undefined && !path.has(at)) {
      path.add(at);
      if (!this.isWaiting(at)) return undefined;
      const { record, sequence }: Dependency<M> = at.waitsFor!;
      if (record.holes.reachUpTo(sequence)) return undefined;
      at = record.held.get(record.delivered + 1);
    }
    if (at === undefined) return undefined;
    const passed = [...path];
    return passed.slice(passed.indexOf(at));
  }

  private added(held: Held<M>): void {
    this.count += 1;
    if (held.isOwn) this.ownCount += 1;
    this.bytes += held.bytes;
  }
}

/** Of that sender all that was delivered is there, and what comes next is what it waits for in vain. */
function ignore<M>(held: Held<M>): void {
  held.ignored.add(held.waitsFor!.record);
  held.waitsFor = undefined;
}

function hasSeen<M>({ stamp: { after } }: Held<M>, { stamp: { sender, broadcast } }: Held<M>): boolean {
  return broadcast !== undefined && (after.get(broadcast.channel)?.get(sender) ?? 0) >= broadcast.sequence;
}

/** What it waits for was shown by who sent that, and was to be had when it was asked for. */
function claimsWhatIs<M>({ stamp, waitsFor }: Held<M>): boolean {
  const { record, sequence } = waitsFor!;
  return sequence <= record.told && !record.isGivenUp(sequence, stamp.sender);
}

function byChannelAndSender<M>(left: SenderRecord<M>, right: SenderRecord<M>): number {
  if (left.channel !== right.channel) return left.channel < right.channel ? -1 : 1;
  if (left.sender === right.sender) return 0;
  return left.sender < right.sender ? -1 : 1;
}
