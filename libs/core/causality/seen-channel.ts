import { livesBeside, livesMax } from './lives.js';
import { type Frontier, type SenderId } from './stamp.js';

interface Entry {
  sequence: number;
  /** What the sender said of itself; undefined: others alone speak of it. */
  said: number | undefined;
  advancedAtMs: number;
}

export interface SeenBounds {
  /** Senders of one channel. */
  readonly sendersMax: number;
  /** How far others may say that a sender is, beyond what it said of itself. */
  readonly aheadMax: number;
  /** How far others may say that a sender is that has not said anything of itself yet. */
  readonly introducedMax: number;
}

export type SeenRefusal =
  /** More of one's own broadcasts than there were. */
  'beyond_issued' | 'step_too_large' | 'too_many_senders' | 'too_many_channels' | 'malformed';

/** What one process knows of the broadcasts on one channel. */
export class SeenChannel {
  private readonly entries = new Map<SenderId, Entry>();
  /** How far those had come that are named no more, the oldest first: told again, that is no news. */
  private readonly forgotten = new Map<SenderId, number>();
  private snapshot: Frontier | undefined;
  advancedAtMs = 0;

  constructor(private readonly bounds: SeenBounds) {}

  /** As it stands; never changed afterwards. */
  get frontier(): Frontier {
    this.snapshot ??= new Map([...this.entries].map(([sender, { sequence }]) => [sender, sequence]));
    return this.snapshot;
  }

  /** Own broadcasts: they always have room. */
  sent(self: SenderId, sequence: number, nowMs: number): void {
    this.set(self, { sequence, said: sequence, advancedAtMs: nowMs });
  }

  /** The sender's own word. It lowers what others made of it, when that was beyond belief. */
  said(sender: SenderId, sequence: number, nowMs: number): SeenRefusal | undefined {
    const known = this.entries.get(sender);
    if (known === undefined) {
      if (this.isForgotten(sender, sequence)) return undefined;
      if (!this.makeRoom(sender, true)) return 'too_many_senders';
      this.set(sender, { sequence, said: sequence, advancedAtMs: nowMs });
      return undefined;
    }
    known.said = Math.max(sequence, known.said ?? 0);
    if (known.sequence - known.said > this.bounds.aheadMax) this.advance(known, known.said, nowMs);
    else if (sequence > known.sequence) this.advance(known, sequence, nowMs);
    return undefined;
  }

  /** What somebody else says of it. */
  heard(sender: SenderId, sequence: number, nowMs: number): SeenRefusal | undefined {
    const known = this.entries.get(sender);
    if (known !== undefined ? sequence <= known.sequence : this.isForgotten(sender, sequence))
      return undefined;
    if (sequence > this.credibleMax(known)) return 'step_too_large';
    if (known !== undefined) this.advance(known, sequence, nowMs);
    else if (!this.makeRoom(sender, false)) return 'too_many_senders';
    else this.set(sender, { sequence, said: undefined, advancedAtMs: nowMs });
    return undefined;
  }

  /** Nothing is known of it, nor was. */
  get isBlank(): boolean {
    return this.entries.size === 0 && this.forgotten.size === 0;
  }

  /** Drops what has not advanced since `beforeMs`, and all of a channel that did not. */
  forget(beforeMs: number, self: SenderId): void {
    const isSilent = this.advancedAtMs < beforeMs;
    for (const [sender, { sequence, advancedAtMs }] of this.entries) {
      if (advancedAtMs >= beforeMs || (sender === self && !isSilent)) continue;
      this.drop(sender);
      if (sender !== self) this.remember(sender, sequence);
    }
  }

  private isForgotten(sender: SenderId, sequence: number): boolean {
    return sequence <= (this.forgotten.get(sender) ?? 0);
  }

  private remember(sender: SenderId, sequence: number): void {
    this.forgotten.delete(sender);
    this.forgotten.set(sender, sequence);
    if (this.forgotten.size <= this.bounds.sendersMax) return;
    const [oldest] = this.forgotten.keys();
    if (oldest !== undefined) this.forgotten.delete(oldest);
  }

  /** Others are believed within a step of the sender's own word, and within a larger one before there is any. */
  private credibleMax(known: Entry | undefined): number {
    const { aheadMax, introducedMax } = this.bounds;
    return known?.said === undefined ? introducedMax : known.said + aheadMax;
  }

  /** By the lives of the same id first: one that did not speak itself, the longest unchanged. */
  private makeRoom(sender: SenderId, isOwnWord: boolean): boolean {
    const lives = livesBeside(this.entries, sender);
    if (lives.length >= livesMax) {
      const silent = lives.filter(([, { said }]) => isOwnWord || said === undefined);
      const [oldest] = silent.sort(([, left], [, right]) => left.advancedAtMs - right.advancedAtMs);
      if (oldest === undefined) return false;
      this.drop(oldest[0]);
    }
    return this.entries.size < this.bounds.sendersMax;
  }

  private set(sender: SenderId, entry: Entry): void {
    this.entries.set(sender, entry);
    this.forgotten.delete(sender);
    this.advance(entry, entry.sequence, entry.advancedAtMs);
  }

  private advance(entry: Entry, sequence: number, nowMs: number): void {
    entry.sequence = sequence;
    entry.advancedAtMs = nowMs;
    this.advancedAtMs = nowMs;
    this.snapshot = undefined;
  }

  private drop(sender: SenderId): void {
    this.entries.delete(sender);
    this.snapshot = undefined;
  }
}
