import { type ChannelSenders } from './channel-senders.js';
import { type Dependency, type Held, type SenderRecord } from './sender-record.js';
import { type Channel, type Stamp } from './stamp.js';

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

  constructor(
    private readonly channels: ReadonlyMap<Channel, ChannelSenders<M>>,
    private readonly bounds: HoldBackBounds,
  ) {}

  get size(): number {
    return this.count;
  }

  hasRoomFor(bytes: number): boolean {
    return this.count < this.bounds.heldMax && this.bytes + bytes <= this.bounds.heldBytesMax;
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
    this.bytes -= held.bytes;
  }

  get all(): readonly Held<M>[] {
    return [...[...this.open].flatMap(({ held }) => [...held.values()]), ...this.targeted];
  }

  /** What a message comes after and is not there yet; of channels that this receiver does not belong to, nothing. */
  unmet(stamp: Stamp): Dependency<M> | undefined {
    for (const [channel, senders] of this.channels) {
      for (const [sender, sequence] of stamp.after.get(channel) ?? []) {
        const record = senders.get(sender);
        if (record !== undefined && !record.isSettled(sequence)) return { record, sequence };
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

  /**
   * Messages that wait for each other were stamped by liars: no honest sender has seen what was not sent yet. One of each
   * circle is set free. True when there was one.
   */
  breakCycles(): boolean {
    let isBroken = false;
    for (const { held, delivered } of [...this.open].sort(byChannelAndSender)) {
      const inCycle = this.followed(held.get(delivered + 1));
      if (inCycle === undefined) continue;
      inCycle.isFree = true;
      isBroken = true;
    }
    return isBroken;
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
    held.waitsFor = this.unmet(held.stamp);
    return held.waitsFor !== undefined;
  }

  /** Follows who waits for whom: to a circle, or to something that is being asked for, which ends by itself. */
  private followed(head: Held<M> | undefined): Held<M> | undefined {
    const path = new Set<Held<M>>();
    let at = head;
    while (at !== undefined && !path.has(at)) {
      path.add(at);
      if (!this.isWaiting(at)) return undefined;
      const { record, sequence }: Dependency<M> = at.waitsFor!;
      if (record.holes.reachUpTo(sequence)) return undefined;
      at = record.held.get(record.delivered + 1);
    }
    return at;
  }

  private added(held: Held<M>): void {
    this.count += 1;
    this.bytes += held.bytes;
  }
}

function byChannelAndSender<M>(left: SenderRecord<M>, right: SenderRecord<M>): number {
  if (left.channel !== right.channel) return left.channel < right.channel ? -1 : 1;
  if (left.sender === right.sender) return 0;
  return left.sender < right.sender ? -1 : 1;
}
