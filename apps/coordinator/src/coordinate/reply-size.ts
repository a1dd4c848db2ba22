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

/** The reply around its lists, without a clock. */
const frameBytesMax = 8_192;
/** A name of a clock, and its counter. */
const clockEntryBytesMax = 128;
/** An entry, without what its agent answered: two ids, and what tells them apart. */
const entryBytesMax = 512;
/** What an agent failed with is cut to 512 characters, of which each may take six bytes. */
const failureBytesMax = 4_096;
/** How much longer an answer can get when it is written anew: as in `ResultRoom`. */
const growthMax = 6;

/**
 * Whether a reply is certainly within a size, by what its lists hold alone: most are small, and to write one only to
 * measure it costs as much as to send it.
 * @param takenBytes what the answers in it took as they came
 */
export function cannotExceed(reply: CoordinateReply, takenBytes: number, { bytesMax }: SizeBound): boolean {
  const { type, result } = reply;
  if (type !== 'load_balance' && type !== 'gather') return false;
  if (type === 'gather' && result.aggregate !== undefined) return false;
  const failures =
    type === 'gather' ? result.failed.length : (result.results ?? []).filter(({ ok }) => !ok).length;
  const entries =
    type === 'gather'
      ? result.responses.length + result.missing.length
      : result.assignments.length + (result.results?.length ?? 0);
  const bytes =
    frameBytesMax +
    Object.keys(reply.clock).length * clockEntryBytesMax +
    failures * failureBytesMax +
    entries * entryBytesMax +
    takenBytes * growthMax;
  return bytes <= bytesMax;
}
