import { type ReceiverInput } from './receiving.js';
import { type Reception } from './reception.js';
import { type SenderRecord, type StartSource } from './sender-record.js';
import { type Frontier, isSequence } from './stamp.js';

type InputOf<Kind> = Extract<ReceiverInput<never>, { readonly kind: Kind }>;

const nobody: Frontier = new Map();

/**
 * Where each sender starts, for a receiver that begins to listen: what lies before is history, what comes after is waited
 * for. Senders are asked, and have time to say; what comes meanwhile is held. Of itself a sender is believed before all
 * others, and late words count as well.
 */
export class Starts<M> {
  /** Undefined: before the first step. */
  private startedAtMs: number | undefined;
  private syncing = true;
  /** Somebody said where senders stand. */
  private isToldOfStarts = false;
  private asks = 0;
  private askedAtMs = 0;

  constructor(private readonly reception: Reception<M>) {}

  /** Senders have time to say where they stand. */
  get isSyncing(): boolean {
    return this.syncing;
  }

  /** When that time is over; undefined: before the first step. */
  get syncUntilMs(): number | undefined {
    if (this.startedAtMs === undefined) return undefined;
    const { syncMs, syncMsMax } = this.reception.options;
    return this.startedAtMs + (this.isToldOfStarts ? syncMs : syncMsMax);
  }

  /** At the first step. */
  open(): void {
    if (this.startedAtMs !== undefined) return;
    this.startedAtMs = this.reception.nowMs;
    this.ask();
  }

  /** When the time is over, every sender known has a start, and what was held is looked at. */
  closeInTime(): void {
    const { channels, options, nowMs } = this.reception;
    if (!this.syncing || nowMs < this.syncUntilMs!) return;
    this.syncing = false;
    for (const senders of channels.values()) {
      for (const record of senders.all) {
        if (record.source === 'itself') continue;
        const { start, source } = record.wordsHeard(options.aheadMax);
        this.reception.begin(record, start, source);
      }
    }
    this.reception.claimAll();
  }

  /** At the start, and when a sender is too far ahead; not again before all repairs would be over. */
  ask(): void {
    const { nowMs, patienceMs, effects } = this.reception;
    if (this.asks > 0 && nowMs < this.askedAtMs + patienceMs) return;
    this.asks += 1;
    this.askedAtMs = nowMs;
    effects.askSync = true;
  }

  /** A sender's word about itself, unasked. */
  senderFrontier({ sender, channel, sequence }: InputOf<'sender_frontier'>): void {
    const { channels, options, nowMs } = this.reception;
    if (!isSequence(sequence) || sender === options.self) return;
    const record = channels.get(channel)?.heard(sender, nowMs);
    if (record === undefined) return;
    if (this.syncing) record.saidStart ??= sequence;
    this.ownWord(record, sequence);
  }

  synced({ sender, frontiers }: InputOf<'synced'>): void {
    const { channels, options, nowMs } = this.reception;
    const { self } = options;
    if (sender !== self) this.isToldOfStarts = true;
    for (const [channel, senders] of channels) {
      const frontier = frontiers.get(channel) ?? nobody;
      if (sender !== self) this.syncedItself(senders.heard(sender, nowMs), frontier.get(sender) ?? 0);
      for (const [other, sequence] of frontier) {
        if (other === sender || other === self || !isSequence(sequence)) continue;
        const record = this.isOpenToOthers ? senders.talkedAbout(other, sequence) : undefined;
        if (record !== undefined) this.syncedByOther(record, sequence, sender === self);
      }
    }
  }

  /** A broadcast came: others may have told of a start that it shows to be wrong. */
  shown(record: SenderRecord<M>, sequence: number): void {
    if (this.isBeyondBelief(record, sequence)) this.beginAnew(record, sequence - 1);
  }

  /** Beyond what is waited for one by one; before its start is known nothing is. */
  isTooFarAhead({ delivered }: SenderRecord<M>, sequence: number): boolean {
    return !this.syncing && sequence > delivered + this.reception.options.aheadMax;
  }

  /** Answers to the first question tell where senders stand, also those that come late; but none for ever. */
  private get isOpenToOthers(): boolean {
    const { nowMs, patienceMs } = this.reception;
    return this.syncing || (this.asks === 1 && nowMs < (this.syncUntilMs ?? Infinity) + patienceMs);
  }

  private syncedByOther(record: SenderRecord<M>, sequence: number, isOurs: boolean): void {
    record.heardStart = Math.max(sequence, record.heardStart ?? 0);
    if (isOurs) record.knownStart = sequence;
    if (this.syncing || record.source !== 'nobody' || record.heardAtMs !== undefined) return;
    // Nobody had said in time where it stands: what lies before is history, and is not to be asked for.
    this.beginByWords(record);
  }

  /** Of itself a sender is believed, and its first word is its start: what it sent since then is on its way. */
  private syncedItself(record: SenderRecord<M> | undefined, sequence: number): void {
    if (record === undefined || (sequence !== 0 && !isSequence(sequence))) return;
    if (this.syncing) record.saidStart ??= sequence;
    const isLate = !this.syncing && this.asks === 1 && record.source === 'nobody';
    if (isLate && record.delivered === 0 && sequence > 0) {
      // It may have come after what was sent just before it: that is held, and was sent to us.
      record.saidStart ??= sequence;
      this.beginByWords(record);
    } else if (this.isTooFarAhead(record, sequence)) this.reception.jump(record, sequence);
    else this.ownWord(record, sequence);
  }

  private ownWord(record: SenderRecord<M>, sequence: number): void {
    if (this.isDisproved(record, sequence)) this.beginAnew(record, sequence);
    if (this.isTooFarAhead(record, sequence)) this.ask();
    else this.reception.show(record, sequence);
  }

  /**
   * Others had said that the sender was further. What it said before is no longer on its way after the time of all
   * repairs: then its own word counts, so that nobody can silence another one for those who join.
   */
  private isDisproved(record: SenderRecord<M>, sequence: number): boolean {
    if (!isHearsay(record) || sequence >= record.start) return false;
    const { nowMs, patienceMs } = this.reception;
    return this.isBeyondBelief(record, sequence) || nowMs >= record.startedAtMs + patienceMs;
  }

  /** Others had said so much more than the sender itself shows that nothing of it can be so. */
  private isBeyondBelief(record: SenderRecord<M>, sequence: number): boolean {
    return isHearsay(record) && record.start - sequence > this.reception.options.aheadMax;
  }

  private beginByWords(record: SenderRecord<M>): void {
    const { start, source } = record.wordsHeard(this.reception.options.aheadMax);
    this.beginAnew(record, start, source);
  }

  /** The word on where it stands came late: what is held still waits for all that it comes after. */
  private beginAnew(record: SenderRecord<M>, start: number, source: StartSource = 'itself'): void {
    this.reception.begin(record, start, source);
    this.reception.claimAll();
  }
}

/** What is known of the sender others have said, and nothing of it was delivered. */
function isHearsay<M>({ source, delivered, start }: SenderRecord<M>): boolean {
  return source === 'others' && delivered === start;
}
