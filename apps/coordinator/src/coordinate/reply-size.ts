import { type CoordinateReply } from '@nexus/contracts';
import { encodeBody, type Encoding } from '@nexus/wire';
import { type EntryOf, type ListName } from '../coordination/part-sink.js';

/** Lists of a result that may be sent ahead of it. */
const listNames: readonly ListName[] = ['responses', 'votes', 'assignments', 'results', 'failed', 'missing'];

export interface ListedEntry {
  readonly list: ListName;
  readonly entry: EntryOf<ListName>;
}

/** What the lists of a result hold. */
export function* entriesOf({ result }: CoordinateReply): Generator<ListedEntry> {
  for (const list of listNames) {
    const entries = (result as Record<string, unknown>)[list];
    if (!Array.isArray(entries)) continue;
    for (const entry of entries as EntryOf<ListName>[]) yield { list, entry };
  }
}

/** The reply with its lists emptied. */
export function withoutEntries(reply: CoordinateReply): CoordinateReply {
  const result: Record<string, unknown> = { ...reply.result };
  for (const list of listNames) if (Array.isArray(result[list])) result[list] = [];
  return { ...reply, result } as CoordinateReply;
}

/** Size of an entry in a list, with what parts it from the next, in bytes. */
export const entryBytes = (entry: unknown, encoding: Encoding): number =>
  encodeBody(entry, encoding).length + 1;

export interface SizeBound {
  readonly encoding: Encoding;
  readonly bytesMax: number;
}

/** Whether a reply exceeds a size. Written entry by entry, and no further than the bound: the whole may be huge. */
export function exceeds(reply: CoordinateReply, { encoding, bytesMax }: SizeBound): boolean {
  let bytes = encodeBody(withoutEntries(reply), encoding).length;
  if (bytes > bytesMax) return true;
  for (const { entry } of entriesOf(reply)) {
    bytes += entryBytes(entry, encoding);
    if (bytes > bytesMax) return true;
  }
  return false;
}
