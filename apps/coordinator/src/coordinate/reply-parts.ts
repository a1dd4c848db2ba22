import { type CoordinatePart, type CoordinateReply } from '@nexus/contracts';
import { type EntryOf, type ListName } from '../coordination/part-sink.js';

/** Lists of a result that may be sent ahead of it. */
const listNames: readonly ListName[] = ['responses', 'votes', 'assignments', 'results', 'failed', 'missing'];

/**
 * Size of an entry on the wire, in bytes, never too small: MessagePack takes up to nine bytes for a number of one
 * digit, and UTF-8 up to three for a character.
 */
export const entryBytes = (entry: unknown): number => 3 * JSON.stringify(entry).length + 16;

/** Collects entries into parts of bounded size. */
export class PartPacker {
  private part: CoordinatePart['part'] = {};
  private bytes = 0;

  constructor(
    private readonly bytesMax: number,
    private readonly emit: (part: CoordinatePart['part']) => void,
  ) {}

  add<L extends ListName>(list: L, entry: EntryOf<L>): void {
    const bytes = entryBytes(entry);
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

export interface SplitReply {
  readonly parts: readonly CoordinatePart[];
  /** The reply with its lists emptied. */
  readonly final: CoordinateReply;
}

/** Takes the lists out of a reply that is too large for one message. */
export function splitReply(reply: CoordinateReply, bytesMax: number): SplitReply {
  const parts: CoordinatePart[] = [];
  const { coordinationId, type } = reply;
  const packer = new PartPacker(bytesMax, (part) => parts.push({ coordinationId, type, part }));
  const result: Record<string, unknown> = { ...reply.result };
  for (const list of listNames) {
    const entries = result[list];
    if (!Array.isArray(entries)) continue;
    for (const entry of entries) packer.add(list, entry as EntryOf<typeof list>);
    result[list] = [];
  }
  packer.flush();
  return { parts, final: { ...reply, result } as CoordinateReply };
}
