import { type CoordinatePart, type GoalType } from '@nexus/contracts';
import { type EntryOf, type ListName, type PartSink } from '../coordination/part-sink.js';
import { PartPacker } from './reply-parts.js';

export interface PartStreamOptions {
  readonly coordinationId: string;
  readonly type: GoalType;
  readonly bytesMax: number;
  readonly send: (part: CoordinatePart) => Promise<void>;
}

/** Sends entries as they come; those of one turn of the event loop travel in one message. */
export class PartStream implements PartSink {
  private readonly packer: PartPacker;
  private scheduled: NodeJS.Immediate | undefined;
  private readonly sending = new Set<Promise<void>>();

  constructor({ coordinationId, type, bytesMax, send }: PartStreamOptions) {
    this.packer = new PartPacker(bytesMax, (part) => {
      // A part that cannot be sent is not lost to the caller: the final reply has the whole.
      const sent = send({ coordinationId, type, part }).catch(() => undefined);
      this.sending.add(sent);
      void sent.then(() => this.sending.delete(sent));
    });
  }

  push<L extends ListName>(list: L, entry: EntryOf<L>): void {
    this.packer.add(list, entry);
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      this.packer.flush();
    });
  }

  async flush(): Promise<void> {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    this.packer.flush();
    await Promise.all(this.sending);
  }
}
