import { ChannelSenders } from './channel-senders.js';
import { HoldBack } from './hold-back.js';
import {
  type Gap,
  type ReceiverEffects,
  type ReceiverOptions,
  type ReceiverRefusal,
  type Repair,
} from './receiving.js';
import { repairDue } from './repairing.js';
import { type SenderRecord, type StartSource } from './sender-record.js';
import { type Channel, type Stamp } from './stamp.js';

interface Draft<M> {
  readonly deliver: M[];
  readonly gaps: Gap[];
  readonly repairs: Repair[];
  readonly refused: { readonly reason: ReceiverRefusal; readonly message: M }[];
  askSync: boolean;
}

/** What a receiver knows and holds, and the step that is being taken: where what is missing is asked for. */
export class Reception<M> {
  readonly channels = new Map<Channel, ChannelSenders<M>>();
  readonly holdBack: HoldBack<M>;
  nowMs = 0;
  effects: Draft<M> = draft();

  constructor(readonly options: ReceiverOptions) {
    for (const channel of options.channels) {
      this.channels.set(channel, new ChannelSenders(channel, options.sendersMax));
    }
    this.holdBack = new HoldBack(this.channels, options);
  }

  /** When what is found missing now is asked for. */
  get missingDueAtMs(): number {
    return this.nowMs + this.options.repairAfterMs;
  }

  /** The time of all repairs of one broadcast. */
  get patienceMs(): number {
    const { repairAfterMs, repairEveryMs, repairsMax } = this.options;
    return repairAfterMs + repairsMax * repairEveryMs;
  }

  beginStep(nowMs: number): void {
    this.effects = draft();
    this.nowMs = Math.max(this.nowMs, nowMs);
  }

  endStep(): ReceiverEffects<M> {
    return this.effects;
  }

  /** The sender itself showed that it sent so many. */
  show(record: SenderRecord<M>, sequence: number): void {
    record.show(sequence, this.missingDueAtMs);
    this.openUnlessIdle(record);
  }

  /** What a message comes after is missing, as far as it is not there: it is asked for, all of it at once. */
  claim({ sender: by, after }: Stamp): void {
    for (const [channel, senders] of this.channels) {
      for (const [sender, sequence] of after.get(channel) ?? []) {
        if (sender === this.options.self || sequence <= (senders.get(sender)?.delivered ?? 0)) continue;
        const record = senders.talkedAbout(sender, sequence);
        record?.claim(sequence, { by, dueAtMs: this.missingDueAtMs });
        if (record !== undefined) this.openUnlessIdle(record);
      }
    }
  }

  claimAll(): void {
    for (const { stamp } of this.holdBack.all) this.claim(stamp);
  }

  /** Listens to a sender from after `start` on; what is held and lies outside is refused. */
  begin(record: SenderRecord<M>, start: number, source: StartSource): void {
    const { nowMs, missingDueAtMs: dueAtMs } = this;
    const outside = record.begin(start, { source, nowMs, dueAtMs, aheadMax: this.options.aheadMax });
    for (const held of outside) {
      this.holdBack.dropped(held);
      const isBefore = held.stamp.broadcast!.sequence <= start;
      this.refuse(isBefore ? 'before_start' : 'too_far_ahead', held.message);
    }
    this.channels.get(record.channel)?.advanced();
    this.openUnlessIdle(record);
  }

  /** A sender is so far ahead that what lies between is not to be had one by one. */
  jump(record: SenderRecord<M>, sequence: number): void {
    const { channel, sender } = record;
    for (const [from, to] of record.jump(sequence)) this.effects.gaps.push({ channel, sender, from, to });
    this.holdBack.open.add(record);
    this.claimAll();
  }

  repair(): void {
    const { repairs, gaps } = repairDue(this.holdBack.open, this.options, this.nowMs);
    this.effects.repairs.push(...repairs);
    this.effects.gaps.push(...gaps);
  }

  release(): void {
    this.effects.deliver.push(...this.holdBack.release());
  }

  refuse(reason: ReceiverRefusal, message: M): void {
    this.effects.refused.push({ reason, message });
  }

  private openUnlessIdle(record: SenderRecord<M>): void {
    if (!record.isIdle) this.holdBack.open.add(record);
  }
}

function draft<M>(): Draft<M> {
  return { deliver: [], gaps: [], repairs: [], refused: [], askSync: false };
}
