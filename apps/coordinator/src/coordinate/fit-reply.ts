import { type CoordinateReply, listsHeader, partHeader } from '@nexus/contracts';
import { type NatsContext } from '@nexus/platform/nats';
import { type PartSink } from '../coordination/part-sink.js';
import { partsOf } from './reply-parts.js';
import { exceeds, withoutEntries } from './reply-size.js';

export interface ReplyToFit {
  readonly reply: CoordinateReply;
  /** Whether the caller asked for a stream, of which this is the end. */
  readonly streamed: boolean;
  /** Where the entries went that were sent already. */
  readonly parts: PartSink;
  readonly context: NatsContext;
}

/** Marks the end of a stream, and turns a reply that exceeds one message into one. */
export async function fitReply({ reply, streamed, parts, context }: ReplyToFit): Promise<CoordinateReply> {
  const bound = { encoding: context.encoding, bytesMax: context.replyBytesMax };
  const split = exceeds(reply, bound);
  if (streamed || split) context.replyHeaders.set(partHeader, 'final');
  if (!split) return reply;
  for (const part of partsOf(reply, bound, parts)) await context.sendPart(part);
  context.replyHeaders.set(listsHeader, 'split');
  return withoutEntries(reply);
}
