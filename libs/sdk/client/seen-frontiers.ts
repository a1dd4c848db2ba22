import { type CausalStamp, type Channel, type Frontiers, limits, type SenderId } from '@nexus/contracts';

interface Place {
  readonly channel: Channel;
  readonly sender: SenderId;
  readonly sequence: number;
  readonly advancedAtMs: number;
}

/** Places that are remembered: enough for hundreds of senders, and far below the size of a request. */
const placesMax = 512;
/**
 * What did not advance for so long, in milliseconds, is named no more: all who should have it have it, or have given it
 * up. It is remembered, since those who forget it later say it again.
 */
const namedForMs = 120_000;

export interface Told {
  /** Of the broadcast that was told. */
  readonly stamp?: CausalStamp | undefined;
  readonly nowMs?: number;
}

/** What a client knows to have been told: its next causal broadcast comes after that, whoever carries it out. */
export class SeenFrontiers {
  /** The one that changed last stands last; behind it those of the channel that was told last, and the broadcast itself. */
  private readonly places = new Map<string, Place>();

  /** Where there is no room for all of a reply, what it names first stays. */
  merge(frontiers: Frontiers, { stamp, nowMs = performance.now() }: Told = {}): void {
    const places = placesIn(frontiers, nowMs).reverse();
    for (const place of places) this.note(place);
    if (stamp?.broadcast) {
      // The next broadcast there must not overtake this one, nor what this one came after.
      const { channel, sequence } = stamp.broadcast;
      for (const place of places) if (place.channel === channel) this.spare(place);
      const own = { channel, sender: stamp.sender, sequence, advancedAtMs: nowMs };
      this.note(own);
      this.spare(own);
    }
    this.trim();
  }

  /** Undefined when nothing is known. */
  current(nowMs = performance.now()): Frontiers | undefined {
    const frontiers = new Map<Channel, [SenderId, number][]>();
    for (const { channel, sender, sequence, advancedAtMs } of [...this.places.values()].reverse()) {
      if (advancedAtMs < nowMs - namedForMs) continue;
      const frontier = frontiers.get(channel);
      if (frontier) frontier.push([sender, sequence]);
      else if (frontiers.size < limits.frontierChannelsMax) frontiers.set(channel, [[sender, sequence]]);
    }
    if (frontiers.size === 0) return undefined;
    const written = [...frontiers].map(([channel, frontier]) => [channel, Object.fromEntries(frontier)]);
    return Object.fromEntries(written) as Frontiers;
  }

  private note(place: Place): void {
    const key = keyOf(place);
    const known = this.places.get(key);
    if (known && known.sequence >= place.sequence) return;
    this.places.delete(key);
    this.places.set(key, place);
  }

  /** Others make room before it, also where it did not advance. */
  private spare(place: Place): void {
    const key = keyOf(place);
    const known = this.places.get(key);
    if (known === undefined) return;
    this.places.delete(key);
    this.places.set(key, known);
  }

  private trim(): void {
    for (const key of this.places.keys()) {
      if (this.places.size <= placesMax) return;
      this.places.delete(key);
    }
  }
}

const keyOf = ({ channel, sender }: Place): string => `${channel} ${sender}`;

const placesIn = (frontiers: Frontiers, advancedAtMs: number): Place[] =>
  Object.entries(frontiers).flatMap(([channel, frontier]) =>
    Object.entries(frontier).map(([sender, sequence]) => ({
      ...{ channel: channel as Channel, sender: sender as SenderId, sequence, advancedAtMs },
    })),
  );
