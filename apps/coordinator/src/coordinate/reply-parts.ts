import { type CoordinatePart, type CoordinateReply } from '@nexus/contracts';
import { type Encoding } from '@nexus/wire';
import { type EntryOf, type ListName, type PartSink } from '../coordination/part-sink.js';
import { entriesOf, entryBytes, type SizeBound } from './reply-size.js';

/** What a message of entries needs around them, in bytes: the names of the lists, coordination and type. */
const partEnvelopeBytes = 512;

/** Collects entries into parts that each fit one message. */
export class PartPacker {
  private part: CoordinatePart['part'] = {};
  private bytes = 0;
  private readonly encoding: Encoding;
  private readonly bytesMax: number;

  constructor(
    { encoding, bytesMax }: SizeBound,
    private readonly emit: (part: CoordinatePart['part']) => void,
  ) {
    this.encoding = encoding;
    this.bytesMax = bytesMax - partEnvelopeBytes;
  }

  add<L extends ListName>(list: L, entry: EntryOf<L>): void {
    const bytes = entryBytes(entry, this.encoding);
    if (this.bytes > 0 && this.bytes + bytes > this.bytesMax) this.flush();
    const entries = (this.part[list] ??= []) as EntryOf<L>[];
    entries.push(entry);
    this.bytes += bytes;
  }

  flush(): void {
    if (this.bytes === 0) return;
    const { part } = this;
    this.part = {};
    this.bytes = 0;
    this.emit(part);
  }
}

/** What a reply that is too large for one message still has to send ahead of its end. */
export function partsOf(
  reply: CoordinateReply,
  bound: SizeBound,
  { hasSent }: Pick<PartSink, 'hasSent'>,
): readonly CoordinatePart[] {
  const parts: CoordinatePart[] = [];
  const { coordinationId, type } = reply;
  const packer = new PartPacker(bound, (part) => parts.push({ coordinationId, type, part }));
  for (const { list, entry } of entriesOf(reply)) if (!hasSent(list, entry)) packer.add(list, entry);
  packer.flush();
  return parts;
}
