import { type Channel, type Frontiers, type SenderId } from '@nexus/core/causality';

interface Claim {
  /** The sender's own word, the latest. */
  said: number | undefined;
  /** The most that others said of it and that may be true. */
  claimed: number;
  claimedAtMs: number;
}

export interface ClaimBounds {
  /** How far others may be ahead of a sender's own word, which comes seconds late while it is busy. */
  readonly leadMax: number;
  /** A claim that is so old, and still beyond the sender's word, was false; in milliseconds. */
  readonly settleMs: number;
  /** Senders, and channels of each; the longest unmentioned go first. */
  readonly sendersMax: number;
  readonly channelsMax: number;
}

const boundsDefault: ClaimBounds = { leadMax: 10_000, settleMs: 1_000, sendersMax: 1_024, channelsMax: 66 };

/**
 * What others say of a sender, held against its own word. The word alone makes nothing known, since everybody who can
 * publish could say it: it bounds what is known. So a made-up number lasts no longer than until the sender speaks.
 */
export class Claims {
  private readonly bySender = new Map<SenderId, Map<Channel, Claim>>();

  constructor(private readonly bounds: ClaimBounds = boundsDefault) {}

  /** A sender says how far it is. */
  said(sender: SenderId, channel: Channel, { sequence, nowMs }: { sequence: number; nowMs: number }): void {
    const claim = this.open(sender, channel, { said: sequence, claimed: sequence, claimedAtMs: nowMs });
    claim.said = sequence;
    const isSettled = nowMs - claim.claimedAtMs > this.bounds.settleMs;
    if (claim.claimed > sequence && isSettled) claim.claimed = sequence;
  }

  /** Somebody else says how far a sender is. @returns as far as that can be believed */
  heard(
    sender: SenderId,
    channel: Channel,
    { sequence, nowMs }: { sequence: number; nowMs: number },
  ): number {
    const claim = this.open(sender, channel, { said: undefined, claimed: 0, claimedAtMs: nowMs });
    const isBeyond = claim.said !== undefined && sequence > claim.said + this.bounds.leadMax;
    const believed = isBeyond ? (claim.said ?? sequence) : sequence;
    if (believed > claim.claimed) {
      claim.claimed = believed;
      claim.claimedAtMs = nowMs;
    }
    return believed;
  }

  /** Without what has turned out to be false. */
  settled(frontiers: Frontiers): Frontiers {
    return new Map(
      [...frontiers].map(([channel, frontier]) => [
        channel,
        new Map([...frontier].map(([sender, sequence]) => [sender, this.settle(sender, channel, sequence)])),
      ]),
    );
  }

  private settle(sender: SenderId, channel: Channel, sequence: number): number {
    const claim = this.bySender.get(sender)?.get(channel);
    return claim?.said === undefined ? sequence : Math.min(sequence, claim.claimed);
  }

  private open(sender: SenderId, channel: Channel, first: Claim): Claim {
    const channels = this.bySender.get(sender) ?? new Map<Channel, Claim>();
    const claim = channels.get(channel) ?? first;
    refresh(channels, { key: channel, value: claim, entriesMax: this.bounds.channelsMax });
    refresh(this.bySender, { key: sender, value: channels, entriesMax: this.bounds.sendersMax });
    return claim;
  }
}

/** Puts an entry last, and drops the first when there are too many. */
function refresh<K, V>(entries: Map<K, V>, { key, value, entriesMax }: Refreshed<K, V>): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= entriesMax) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}

interface Refreshed<K, V> {
  readonly key: K;
  readonly value: V;
  readonly entriesMax: number;
}
