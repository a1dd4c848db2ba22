import { type Channel, type Frontiers, limits, type SenderId } from '@nexus/contracts';

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

/** What a client knows to have been told: its next causal broadcast comes after that, whoever carries it out. */
export class SeenFrontiers {
  /** The one that changed last stands last. */
  private readonly places = new Map<string, Place>();

  merge(frontiers: Frontiers, nowMs = performance.now()): void {
    for (const [channel, frontier] of Object.entries(frontiers)) {
      for (const [sender, sequence] of Object.entries(frontier)) {
        const place = { channel: channel as Channel, sender: sender as SenderId, sequence };
        this.note({ ...place, advancedAtMs: nowMs });
      }
    }
  }

  /** Undefined when nothing is known. */
  current(nowMs = performance.now()): Frontiers | undefined {
    const frontiers = new Map<Channel, [SenderId, number][]>();
    for (const { channel, sender, sequence, advancedAtMs } of [...this.places.values()].reverse()) {
      if (advancedAtMs < nowMs - namedForMs) break;
      const frontier = frontiers.get(channel);
      if (frontier) frontier.push([sender, sequence]);
      else if (frontiers.size < limits.frontierChannelsMax) frontiers.set(channel, [[sender, sequence]]);
    }
    if (frontiers.size === 0) return undefined;
    const written = [...frontiers].map(([channel, frontier]) => [channel, Object.fromEntries(frontier)]);
    return Object.fromEntries(written) as Frontiers;
  }

  private note(place: Place): void {
    const key = `${place.channel} ${place.sender}`;
    const known = this.places.get(key);
    if (known && known.sequence >= place.sequence) return;
    this.places.delete(key);
    this.places.set(key, place);
    if (this.places.size <= placesMax) return;
    const [oldest] = this.places.keys();
    if (oldest !== undefined) this.places.delete(oldest);
  }
}
