import { type CoordinateReply, listsHeader, partHeader } from '@nexus/contracts';
import { type NatsContext } from '@nexus/platform/nats';
import { type PartSink } from '../coordination/part-sink.js';
import { partsOf } from './reply-parts.js';
import { cannotExceed, exceeds, type SizeBound, withoutEntries } from './reply-size.js';

export interface ReplyToFit {
  readonly reply: CoordinateReply;
  /** Whether the caller asked for a stream, of which this is the end. */
  readonly streamed: boolean;
  /** Where the entries went that were sent already. */
  readonly parts: PartSink;
  /** What the answers in it took of its room, in bytes. */
  readonly takenBytes: number;
  readonly context: NatsContext;
}

/** Marks the end of a stream, and turns a reply that exceeds one message into one. */
export function fitReply(toFit: ReplyToFit): CoordinateReply | Promise<CoordinateReply> {
  const { reply, streamed, context } = toFit;
  const bound = { encoding: context.encoding, bytesMax: context.replyBytesMax };
  const split = !cannotExceed(reply, toFit.takenBytes, bound) && exceeds(reply, bound);
  if (streamed || split) context.replyHeaders.set(partHeader, 'final');
  return split ? sendInParts(toFit, bound) : reply;
}

async function sendInParts(
  { reply, parts, context }: ReplyToFit,
  bound: SizeBound,
): Promise<CoordinateReply> {
  for (const part of partsOf(reply, bound, parts)) await context.sendPart(part);
  context.replyHeaders.set(listsHeader, 'split');
  return withoutEntries(reply);
}
