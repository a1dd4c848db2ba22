import { livesBeside, livesMax } from './lives.js';
import { SenderRecord } from './sender-record.js';
import { type Channel, type Frontier, type SenderId } from './stamp.js';

/**
 * The senders of one channel. Bounded: who makes itself heard takes the room of who is silent and owes nothing, at first
 * among the lives of its own id; who is only talked about takes at most half of the room.
 */
export class ChannelSenders<M> {
  private readonly records = new Map<SenderId, SenderRecord<M>>();
  /** What had been delivered of senders that are no longer remembered: the oldest first. */
  private readonly forgotten = new Map<SenderId, number>();
  private snapshot: Frontier | undefined;

  constructor(
    private readonly channel: Channel,
    private readonly sendersMax: number,
  ) {}

  /** What was delivered of each, as it stands; never changed afterwards. */
  get frontier(): Frontier {
    if (this.snapshot !== undefined) return this.snapshot;
    const delivered = new Map<SenderId, number>();
    for (const [sender, record] of this.records) {
      if (record.delivered > 0) delivered.set(sender, record.delivered);
    }
    this.snapshot = delivered;
    return delivered;
  }

  get all(): Iterable<SenderRecord<M>> {
    return this.records.values();
  }

  get(sender: SenderId): SenderRecord<M> | undefined {
    return this.records.get(sender);
  }

  /** The frontier is another one now. */
  advanced(): void {
    this.snapshot = undefined;
  }

  /** The sender itself was heard; undefined: there is no room for it. */
  heard(sender: SenderId, nowMs: number): SenderRecord<M> | undefined {
    const record = this.records.get(sender) ?? (this.makeRoom(sender) ? this.add(sender) : undefined);
    if (record !== undefined) record.heardAtMs = nowMs;
    return record;
  }

  /** Another one speaks of it; undefined: there is no room, it is not waited for. */
  talkedAbout(sender: SenderId, sequence: number): SenderRecord<M> | undefined {
    const known = this.records.get(sender);
    if (known !== undefined) return known;
    if (sequence <= (this.forgotten.get(sender) ?? 0)) return undefined;
    const strangers = [...this.records.values()].filter(({ heardAtMs }) => heardAtMs === undefined);
    if (strangers.length >= this.sendersMax / 2 && !this.forgetOne(strangers)) return undefined;
    return this.records.size < this.sendersMax ? this.add(sender) : undefined;
  }

  /** One's own record always has room. */
  own(sender: SenderId): SenderRecord<M> {
    return this.records.get(sender) ?? this.add(sender);
  }

  /** Those silent since then leave the frontier, when they owe nothing and nothing waits for them. */
  forgetSilent(beforeMs: number, self: SenderId | undefined): void {
    for (const record of this.records.values()) {
      const isSilent = (record.heardAtMs ?? record.startedAtMs) < beforeMs;
      if (isSilent && record.isIdle && record.sender !== self) this.forget(record);
    }
  }

  private makeRoom(sender: SenderId): boolean {
    const lives = livesBeside(this.records, sender).map(([, record]) => record);
    if (lives.length >= livesMax && !this.forgetOne(lives)) return false;
    return this.records.size < this.sendersMax || this.forgetOne([...this.records.values()]);
  }

  /** The one that was silent for longest, of those that owe nothing. */
  private forgetOne(among: readonly SenderRecord<M>[]): boolean {
    const idle = among.filter((record) => record.isIdle);
    const [oldest] = idle.sort((left, right) => (left.heardAtMs ?? 0) - (right.heardAtMs ?? 0));
    if (oldest === undefined) return false;
    this.forget(oldest);
    return true;
  }

  private forget(record: SenderRecord<M>): void {
    this.records.delete(record.sender);
    this.advanced();
    if (record.delivered === 0) return;
    this.forgotten.delete(record.sender);
    this.forgotten.set(record.sender, record.delivered);
    if (this.forgotten.size <= this.sendersMax) return;
    const [oldest] = this.forgotten.keys();
    if (oldest !== undefined) this.forgotten.delete(oldest);
  }

  private add(sender: SenderId): SenderRecord<M> {
    const record = new SenderRecord<M>(this.channel, sender);
    const before = this.forgotten.get(sender);
    if (before !== undefined) {
      record.resume(before);
      this.forgotten.delete(sender);
      this.advanced();
    }
    this.records.set(sender, record);
    return record;
  }
}
