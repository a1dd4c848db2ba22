import { type CoordinateReply, listsHeader, partHeader } from '@nexus/contracts';
import { type NatsContext } from '@nexus/platform/nats';
import { encodeBody, WrittenBody } from '@nexus/wire';
import { type PartSink } from '../coordination/part-sink.js';
import { partsOf } from './reply-parts.js';
import { cannotExceed, exceeds, type SizeBound, withoutEntries } from './reply-size.js';

export interface ReplyToFit {
  readonly reply: CoordinateReply;
  /** Whether the caller asked for a stream, of which this is the end. */
  readonly streamed: boolean;
  /** Where the entries went that were sent already. */
  readonly parts: PartSink;
  /** What the answers in it took of its room, in bytes; infinite where nobody knows. */
  readonly takenBytes: number;
  readonly context: NatsContext;
}

/** A reply that fits one message; one that had to be written to tell is not written again. */
export type FittingReply = CoordinateReply | WrittenBody;

/** Marks the end of a stream, and turns a reply that exceeds one message into one. */
export function fitReply(toFit: ReplyToFit): FittingReply | Promise<FittingReply> {
  const { reply, streamed, takenBytes, context } = toFit;
  const bound = { encoding: context.encoding, bytesMax: context.replyBytesMax };
  const fitting = cannotExceed(reply, takenBytes, bound) ? reply : writtenWithin(reply, takenBytes, bound);
  if (streamed || !fitting) context.replyHeaders.set(partHeader, 'final');
  return fitting ?? sendInParts(toFit, bound);
}

/** The reply as written; undefined when it exceeds the bound. What is likely to is not written as a whole. */
function writtenWithin(
  reply: CoordinateReply,
  takenBytes: number,
  bound: SizeBound,
): WrittenBody | undefined {
  if (takenBytes > bound.bytesMax && exceeds(reply, bound)) return undefined;
  const bytes = encodeBody(reply, bound.encoding);
  return bytes.length > bound.bytesMax ? undefined : new WrittenBody(bytes);
}

async function sendInParts(
  { reply, parts, context }: ReplyToFit,
  bound: SizeBound,
): Promise<CoordinateReply> {
  for (const part of partsOf(reply, bound, parts)) await context.sendPart(part);
  context.replyHeaders.set(listsHeader, 'split');
  return withoutEntries(reply);
}
