import { assert } from '@nexus/core/invariant';
import { Beacons, type BeaconOptions } from './beacons.js';
import { SeenChannel, type SeenBounds, type SeenRefusal } from './seen-channel.js';
import { type Channel, type Frontier, type Frontiers, type SenderId, type Stamp } from './stamp.js';

export interface SenderOptions extends SeenBounds, BeaconOptions {
  readonly self: SenderId;
  /** Channels that a stamp names: those that changed last. */
  readonly channelsMax: number;
  /** Channels that this sender ever broadcasts on: there are no more groups and capabilities than the fleet has. */
  readonly ownChannelsMax: number;
  /**
   * What did not advance for so long leaves the stamps: everybody has it, or has given it up. Told again, it does not come
   * back, else those who have forgotten it and those who have not would teach it each other for ever.
   */
  readonly forgetAfterMs: number;
}

/** A channel of which nothing was heard for so many times as long is forgotten as if it had never been. */
const rememberedTimes = 10;

/** What was observed and is not believed, counted. */
export type ObservationRefusals = ReadonlyMap<SeenRefusal, number>;

/**
 * Stamps what one process sends: its place among the own broadcasts of a channel, and all that was seen and sent before.
 * A message to single receivers is stamped too, and moves nothing: nobody else could ever receive it.
 */
export class CausalSender {
  private readonly sequences = new Map<Channel, number>();
  private readonly seen = new Map<Channel, SeenChannel>();
  private readonly beacons: Beacons;
  private sweepAtMs = 0;

  constructor(private readonly options: SenderOptions) {
    this.beacons = new Beacons(options);
  }

  /** What was seen and sent: answers who begins to listen, and is what a caller's next operation comes after. */
  get frontiers(): Frontiers {
    const frontiers = new Map<Channel, Frontier>();
    for (const [channel, { frontier }] of this.seen) if (frontier.size > 0) frontiers.set(channel, frontier);
    return frontiers;
  }

  /** Own broadcasts on the channel. */
  sequence(channel: Channel): number {
    return this.sequences.get(channel) ?? 0;
  }

  /** Whether `broadcast` may be called. */
  hasRoomFor(channel: Channel): boolean {
    return this.sequences.has(channel) || this.sequences.size < this.options.ownChannelsMax;
  }

  /** The stamp of the next broadcast on the channel; it counts as sent. */
  broadcast(channel: Channel, nowMs: number): Stamp {
    assert(this.hasRoomFor(channel), 'a sender has room for the channels of the fleet');
    this.sweep(nowMs);
    const { self } = this.options;
    const before = this.sequence(channel);
    const sequence = before + 1;
    const seen = this.seen.get(channel) ?? this.open(channel);
    // The channel may have been forgotten meanwhile, the own count never is.
    if (before > 0) seen.sent(self, before, nowMs);
    const after = this.frontiers;
    this.sequences.set(channel, sequence);
    seen.sent(self, sequence, nowMs);
    this.beacons.sent(channel, sequence, nowMs);
    return { sender: self, broadcast: { channel, sequence }, after };
  }

  /** The stamp of a message to single receivers: in nobody's sequence. */
  targeted(): Stamp {
    return { sender: this.options.self, broadcast: undefined, after: this.frontiers };
  }

  /**
   * What somebody has seen is now seen here, as far as it can be believed.
   * @param by whose word it is, when that is known: of itself a sender is believed
   */
  observe(frontiers: Frontiers, { nowMs, by }: { nowMs: number; by?: SenderId }): ObservationRefusals {
    this.sweep(nowMs);
    const refused = new Map<SeenRefusal, number>();
    const refuse = (reason: SeenRefusal) => refused.set(reason, (refused.get(reason) ?? 0) + 1);
    for (const [channel, frontier] of frontiers) {
      if (!this.seen.has(channel) && this.seen.size >= this.options.channelsMax && !this.closeSilent()) {
        refuse('too_many_channels');
        continue;
      }
      const seen = this.seen.get(channel) ?? this.open(channel);
      for (const [sender, sequence] of frontier) {
        const reason = this.observeOne(seen, { channel, sender, sequence, nowMs, isOwnWord: sender === by });
        if (reason !== undefined) refuse(reason);
      }
      if (seen.isBlank) this.seen.delete(channel);
    }
    return refused;
  }

  /**
   * A message was delivered to this process: what it sends from now on comes after it, and after all that it came after,
   * on channels too that this process does not belong to.
   */
  delivered({ sender, broadcast, after }: Stamp, nowMs: number): ObservationRefusals {
    const own = broadcast && new Map([[broadcast.channel, new Map([[sender, broadcast.sequence]])]]);
    if (own !== undefined) this.observe(own, { nowMs, by: sender });
    return this.observe(after, { nowMs, by: sender });
  }

  /** When `takeBeacons` is to be called next; undefined: not before the first broadcast. */
  get beaconDueAtMs(): number | undefined {
    return this.beacons.dueAtMs;
  }

  /** Which own sequences everybody is to be told now, a channel each. */
  takeBeacons(nowMs: number): ReadonlyMap<Channel, number> {
    return this.beacons.take(nowMs);
  }

  private observeOne(
    seen: SeenChannel,
    { channel, sender, sequence, nowMs, isOwnWord }: Observation,
  ): SeenRefusal | undefined {
    if (!Number.isSafeInteger(sequence) || sequence < 1) return 'malformed';
    // Nobody can have seen more of one's own broadcasts than there were; what there were is known.
    if (sender === this.options.self) return sequence > this.sequence(channel) ? 'beyond_issued' : undefined;
    return isOwnWord ? seen.said(sender, sequence, nowMs) : seen.heard(sender, sequence, nowMs);
  }

  private open(channel: Channel): SeenChannel {
    if (this.seen.size >= this.options.channelsMax) this.closeOldest();
    const seen = new SeenChannel(this.options);
    this.seen.set(channel, seen);
    return seen;
  }

  /** A channel of which nothing is told any more makes room. */
  private closeSilent(): boolean {
    for (const [channel, { frontier }] of this.seen)
      if (frontier.size === 0) return this.seen.delete(channel);
    return false;
  }

  private closeOldest(): void {
    const [oldest] = [...this.seen].sort(([, left], [, right]) => left.advancedAtMs - right.advancedAtMs);
    if (oldest !== undefined) this.seen.delete(oldest[0]);
  }

  private sweep(nowMs: number): void {
    if (nowMs < this.sweepAtMs) return;
    const { forgetAfterMs, self } = this.options;
    this.sweepAtMs = nowMs + forgetAfterMs / 4;
    for (const [channel, seen] of this.seen) {
      seen.forget(nowMs - forgetAfterMs, self);
      if (seen.advancedAtMs < nowMs - rememberedTimes * forgetAfterMs) this.seen.delete(channel);
    }
  }
}

interface Observation {
  readonly channel: Channel;
  readonly sender: SenderId;
  readonly sequence: number;
  readonly nowMs: number;
  readonly isOwnWord: boolean;
}
