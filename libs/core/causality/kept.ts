import { KeptChannel, type KeptBounds, type KeptRange } from './kept-channel.js';
import { type Channel, type Frontiers, type SenderId, type Stamp } from './stamp.js';

export interface KeptOptions extends KeptBounds {
  /** Channels of which something is kept; the one unused for longest makes room. */
  readonly channelsMax: number;
}

/** What is asked for in a repair, and how much of it fits into the answer. */
export interface RangeRequest {
  readonly channel: Channel;
  readonly sender: SenderId;
  readonly from: number;
  readonly to: number;
  readonly countMax: number;
  readonly bytesMax: number;
}

/**
 * Broadcasts that were sent or delivered, for those who missed them. A bounded ring a channel; what is stable, known to
 * everybody who should have it (Birman, Schiper, Stephenson 1991, §5), is let go before.
 */
export class Kept<M> {
  private readonly channels = new Map<Channel, KeptChannel<M>>();

  constructor(private readonly options: KeptOptions) {}

  /** Messages kept, over all channels. */
  get size(): number {
    return [...this.channels.values()].reduce((sum, { size }) => sum + size, 0);
  }

  get bytes(): number {
    return [...this.channels.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Keeps a broadcast; a message to single receivers is nothing that anybody else could miss. */
  keep(stamp: Stamp, message: M, { bytes, nowMs }: { bytes: number; nowMs: number }): void {
    if (stamp.broadcast === undefined) return;
    const { channel, sequence } = stamp.broadcast;
    this.open(channel).keep({ sender: stamp.sender, sequence, message, bytes, keptAtMs: nowMs });
  }

  /** As many from `from` on, in the order of their sequence, as are kept and fit. */
  range({ channel, ...asked }: RangeRequest, nowMs: number): KeptRange<M> {
    const kept = this.channels.get(channel);
    kept?.expire(nowMs);
    return kept?.range(asked) ?? { messages: [], keptFrom: undefined };
  }

  /** The oldest of the sender's broadcasts that is still kept; undefined: nothing of it ever was. */
  keptFrom(channel: Channel, sender: SenderId): number | undefined {
    return this.channels.get(channel)?.keptFrom(sender);
  }

  /** What a receiver said that it has. */
  note(receiver: string, frontiers: Frontiers): void {
    for (const [channel, frontier] of frontiers) this.channels.get(channel)?.note(receiver, frontier);
  }

  /** Lets go what all of them have; those who said nothing have nothing. Others are forgotten. Returns how many. */
  pruneStable(channel: Channel, receivers: Iterable<string>): number {
    return this.channels.get(channel)?.pruneStable(new Set(receivers)) ?? 0;
  }

  /** Lets go what is too old. */
  expire(nowMs: number): void {
    for (const kept of this.channels.values()) kept.expire(nowMs);
  }

  private open(channel: Channel): KeptChannel<M> {
    const known = this.channels.get(channel) ?? new KeptChannel<M>(this.options);
    // Behind all others: the first of the map is the one unused for longest.
    this.channels.delete(channel);
    if (this.channels.size >= this.options.channelsMax) {
      const [oldest] = this.channels.keys();
      if (oldest !== undefined) this.channels.delete(oldest);
    }
    this.channels.set(channel, known);
    return known;
  }
}
