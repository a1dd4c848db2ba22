import { type Channel, type Frontiers, type Gap, type SenderId } from '@nexus/core/causality';
import { type Letter } from './history.js';

/** What is on its way when somebody begins may count as sent before. */
const slackMs = 500;

export const startOf = (channel: Channel, sender: SenderId): string => `${channel} ${sender}`;

/** One life of who listens, as it is judged. */
export class Listener {
  readonly name: string;
  readonly sender: SenderId;
  readonly channels: readonly Channel[];
  readonly startedAtMs: number;
  /** When the wait for the senders' words was over: a process that was stopped meanwhile waits for longer. */
  waitedUntilMs = Infinity;
  /** Letters in the order of their delivery. */
  readonly delivered = new Map<number, Letter>();
  readonly gaps: { readonly gap: Gap; readonly atMs: number }[] = [];
  /** Where senders said, in time, that they stood when it began to listen. */
  readonly starts = new Map<string, number>();
  /** The lowest sequence that came before it began: what was sent just before the sender told where it stands. */
  readonly cameEarly = new Map<string, number>();
  /** What came late on where senders stand of whom nothing had come: what was sent meanwhile is counted in. */
  readonly lateWords = new Map<string, number>();
  /** Letters that came when there was no room to hold them back, and how often. */
  readonly turnedAway = new Map<number, number>();
  /** Own broadcasts that wait for what an answer had told of. */
  readonly ownWaiting = new Set<number>();
  /** Places of which a broadcast came. */
  private readonly heardAt = new Set<string>();

  constructor({ name, sender, channels, startedAtMs }: ListenerOptions) {
    this.name = name;
    this.sender = sender;
    this.channels = channels;
    this.startedAtMs = startedAtMs;
  }

  /** When what is sent is surely for it. */
  get begunAtMs(): number {
    return this.waitedUntilMs + slackMs;
  }

  /** The wait for the senders' words is over. */
  begin(nowMs: number): void {
    this.waitedUntilMs = Math.min(this.waitedUntilMs, nowMs);
  }

  letterCame({ stamp: { sender, broadcast } }: Letter): void {
    if (!broadcast) return;
    const place = startOf(broadcast.channel, sender);
    this.heardAt.add(place);
    if (this.hasBegun) return;
    const known = this.cameEarly.get(place) ?? Infinity;
    this.cameEarly.set(place, Math.min(known, broadcast.sequence));
  }

  /** Of two words the first is the start; after the wait none is. */
  senderSaid(sender: SenderId, channel: Channel, sequence: number): void {
    if (this.hasBegun || !this.channels.includes(channel)) return;
    const place = startOf(channel, sender);
    if (!this.starts.has(place)) this.starts.set(place, sequence);
  }

  /** Whether it was sent before this life listened cannot be told, of those of whom nothing came yet. */
  othersSaid(frontiers: Frontiers): void {
    if (!this.hasBegun) return;
    for (const [channel, frontier] of frontiers)
      for (const [sender, sequence] of frontier) {
        const place = startOf(channel, sender);
        if (this.heardAt.has(place)) continue;
        this.lateWords.set(place, Math.max(sequence, this.lateWords.get(place) ?? 0));
      }
  }

  hadNoRoomFor({ number }: Letter): void {
    this.turnedAway.set(number, (this.turnedAway.get(number) ?? 0) + 1);
  }

  private get hasBegun(): boolean {
    return this.waitedUntilMs !== Infinity;
  }
}

interface ListenerOptions {
  readonly name: string;
  readonly sender: SenderId;
  readonly channels: readonly Channel[];
  readonly startedAtMs: number;
}
