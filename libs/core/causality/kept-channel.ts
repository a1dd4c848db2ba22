import { type Frontier, type SenderId } from './stamp.js';

export interface KeptBounds {
  /** Messages of one channel. */
  readonly messagesMax: number;
  /** Bytes of one channel; one message that is larger is not kept. */
  readonly bytesMax: number;
  /** How long a message is kept: nobody asks for one that is older than all repairs together. */
  readonly ageMsMax: number;
  /** Senders of one channel, and receivers whose frontiers are known. */
  readonly sendersMax: number;
  readonly receiversMax: number;
}

export interface KeptMessage<M> {
  readonly sender: SenderId;
  readonly sequence: number;
  readonly message: M;
  readonly bytes: number;
  readonly keptAtMs: number;
}

export interface KeptRange<M> {
  readonly messages: readonly M[];
  /** What is older is not to be had here; undefined: nothing of this sender ever was. */
  readonly keptFrom: number | undefined;
}

interface Asked {
  readonly sender: SenderId;
  readonly from: number;
  readonly to: number;
  readonly countMax: number;
  readonly bytesMax: number;
}

interface OfSender<M> {
  /** In the order of keeping, which is that of the sequences. */
  readonly messages: Map<number, KeptMessage<M>>;
  last: number;
}

/** The kept broadcasts of one channel: a ring over all its senders. */
export class KeptChannel<M> {
  private readonly ring = new Set<KeptMessage<M>>();
  private readonly senders = new Map<SenderId, OfSender<M>>();
  private readonly frontiers = new Map<string, Map<SenderId, number>>();
  private total = 0;

  constructor(private readonly bounds: KeptBounds) {}

  get size(): number {
    return this.ring.size;
  }

  get bytes(): number {
    return this.total;
  }

  keep(kept: KeptMessage<M>): void {
    this.expire(kept.keptAtMs);
    if (kept.bytes > this.bounds.bytesMax) return;
    const sender = this.open(kept.sender);
    if (sender === undefined || sender.messages.has(kept.sequence)) return;
    sender.messages.set(kept.sequence, kept);
    sender.last = Math.max(sender.last, kept.sequence);
    this.ring.add(kept);
    this.total += kept.bytes;
    while (this.ring.size > this.bounds.messagesMax || this.total > this.bounds.bytesMax) this.dropOldest();
  }

  range({ sender, from, to, countMax, bytesMax }: Asked): KeptRange<M> {
    const messages: M[] = [];
    let bytes = 0;
    for (const kept of this.inRange(sender, from, to)) {
      bytes += kept.bytes;
      // The first goes however large it is, else it would never be had.
      if (messages.length >= countMax || (messages.length > 0 && bytes > bytesMax)) break;
      messages.push(kept.message);
    }
    return { messages, keptFrom: this.keptFrom(sender) };
  }

  keptFrom(sender: SenderId): number | undefined {
    const known = this.senders.get(sender);
    if (known === undefined) return undefined;
    let oldest = known.last + 1;
    for (const sequence of known.messages.keys()) oldest = Math.min(oldest, sequence);
    return oldest;
  }

  note(receiver: string, frontier: Frontier): void {
    const known = this.frontiers.get(receiver) ?? new Map<SenderId, number>();
    if (!this.frontiers.has(receiver) && this.frontiers.size >= this.bounds.receiversMax) return;
    for (const sender of this.senders.keys()) {
      const sequence = frontier.get(sender) ?? 0;
      if (sequence > (known.get(sender) ?? 0)) known.set(sender, sequence);
    }
    if (known.size > 0) this.frontiers.set(receiver, known);
  }

  pruneStable(receivers: ReadonlySet<string>): number {
    for (const receiver of this.frontiers.keys())
      if (!receivers.has(receiver)) this.frontiers.delete(receiver);
    const before = this.ring.size;
    for (const [sender, { messages }] of this.senders) {
      const stable = this.stableOf(sender, receivers);
      for (const kept of messages.values()) if (kept.sequence <= stable) this.drop(kept);
    }
    return before - this.ring.size;
  }

  expire(nowMs: number): void {
    for (const kept of this.ring) {
      if (kept.keptAtMs + this.bounds.ageMsMax > nowMs) return;
      this.drop(kept);
    }
  }

  /** What the slowest receiver has. */
  private stableOf(sender: SenderId, receivers: ReadonlySet<string>): number {
    let stable = Infinity;
    for (const receiver of receivers) {
      stable = Math.min(stable, this.frontiers.get(receiver)?.get(sender) ?? 0);
    }
    return receivers.size === 0 ? 0 : stable;
  }

  private inRange(sender: SenderId, from: number, to: number): KeptMessage<M>[] {
    const messages = this.senders.get(sender)?.messages.values() ?? [];
    // Walks what is kept and not what was asked: the range may be of any length.
    return [...messages]
      .filter(({ sequence }) => sequence >= from && sequence <= to)
      .sort((left, right) => left.sequence - right.sequence);
  }

  private open(sender: SenderId): OfSender<M> | undefined {
    const known = this.senders.get(sender);
    if (known !== undefined) return known;
    if (this.senders.size >= this.bounds.sendersMax && !this.forgetOne()) return undefined;
    const opened: OfSender<M> = { messages: new Map(), last: 0 };
    this.senders.set(sender, opened);
    return opened;
  }

  /** A sender of which nothing is kept any more. */
  private forgetOne(): boolean {
    for (const [sender, { messages }] of this.senders) {
      if (messages.size > 0) continue;
      this.senders.delete(sender);
      for (const frontier of this.frontiers.values()) frontier.delete(sender);
      return true;
    }
    return false;
  }

  private dropOldest(): void {
    for (const kept of this.ring) {
      this.drop(kept);
      return;
    }
  }

  private drop(kept: KeptMessage<M>): void {
    this.ring.delete(kept);
    this.senders.get(kept.sender)?.messages.delete(kept.sequence);
    this.total -= kept.bytes;
  }
}
