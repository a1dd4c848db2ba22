import { type Effects, type Input, type MemberId, type Message, type messageBytes } from '@nexus/core/gossip';

export interface BytesReport {
  /** A member and round. */
  readonly mean: number;
  readonly max: number;
  readonly messagesPerRound: number;
}

/** What members send, from one of their rounds to the next. */
export class Bytes {
  private readonly open = new Map<MemberId, number>();
  /** A message to many is one object. */
  private readonly sizes = new WeakMap<Message, number>();
  private total = 0;
  private largest = 0;
  private rounds = 0;
  private messages = 0;

  /** @param counts whose: to weigh what a thousand send takes longer than to simulate them */
  constructor(
    private readonly size: typeof messageBytes,
    private readonly counts: (id: MemberId) => boolean,
  ) {}

  stepped(id: MemberId, input: Input, { messages }: Effects): void {
    if (!this.counts(id)) return;
    if (input.kind === 'round') this.close(id);
    if (messages.length === 0) return;
    let bytes = this.open.get(id) ?? 0;
    for (const { message } of messages) bytes += this.of(message);
    this.open.set(id, bytes);
    this.messages += messages.length;
  }

  /** Counts from now on. */
  reset(): void {
    this.total = this.largest = this.rounds = this.messages = 0;
    this.open.clear();
  }

  get report(): BytesReport {
    const rounds = Math.max(1, this.rounds);
    return { mean: this.total / rounds, max: this.largest, messagesPerRound: this.messages / rounds };
  }

  private close(id: MemberId): void {
    const bytes = this.open.get(id);
    this.open.set(id, 0);
    if (bytes === undefined) return;
    this.total += bytes;
    this.largest = Math.max(this.largest, bytes);
    this.rounds++;
  }

  private of(message: Message): number {
    let bytes = this.sizes.get(message);
    if (bytes === undefined) this.sizes.set(message, (bytes = this.size(message)));
    return bytes;
  }
}
