import { type CoordinatePart, type GoalType } from '@nexus/contracts';
import { type Admit, type EntryOf, type ListName, type PartSink } from '../coordination/part-sink.js';
import { PartPacker } from './reply-parts.js';
import { type SizeBound } from './reply-size.js';

export interface PartStreamOptions extends SizeBound {
  readonly coordinationId: string;
  readonly type: GoalType;
  readonly admit: Admit;
  readonly send: (part: CoordinatePart) => Promise<void>;
}

/** Sends entries as they come; those of one turn of the event loop travel in one message. */
export class PartStream implements PartSink {
  readonly admit: Admit;
  private readonly packer: PartPacker;
  private scheduled: NodeJS.Immediate | undefined;
  private readonly sending = new Set<Promise<void>>();
  private readonly sent = new Set<string>();

  constructor(private readonly options: PartStreamOptions) {
    this.admit = options.admit;
    this.packer = new PartPacker(options, (part) => {
      const sending = this.send(part);
      this.sending.add(sending);
      void sending.then(() => this.sending.delete(sending));
    });
  }

  push<L extends ListName>(list: L, entry: EntryOf<L>): void {
    this.packer.add(list, entry);
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      this.packer.flush();
    });
  }

  readonly hasSent = <L extends ListName>(list: L, entry: EntryOf<L>): boolean =>
    this.sent.has(nameOf(list, entry));

  async flush(): Promise<void> {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    this.packer.flush();
    await Promise.all(this.sending);
  }

  /** A part that cannot be sent is not lost to the caller: the end of the stream brings what is still unsent. */
  private async send(part: CoordinatePart['part']): Promise<void> {
    const { coordinationId, type, send } = this.options;
    try {
      await send({ coordinationId, type, part });
    } catch {
      return;
    }
    for (const list of Object.keys(part) as ListName[]) {
      for (const entry of part[list] ?? []) this.sent.add(nameOf(list, entry));
    }
  }
}

/** A list has one entry for each agent, or for each unit of work. */
function nameOf(list: ListName, entry: EntryOf<ListName>): string {
  if (typeof entry === 'string') return `${list} ${entry}`;
  return `${list} ${'requestId' in entry ? entry.requestId : entry.agentId}`;
}
