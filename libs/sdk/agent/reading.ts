import { type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { type AgentMessage, agentMessageSchema, compiled, parse } from '@nexus/contracts';
import {
  contentTypeHeader,
  decodeBody,
  type Encoding,
  encodingOf,
  forwardedDepthMax,
  isReplySubject,
} from '@nexus/wire';

/** A message as it came, as far as anything depends on it. */
export type Source = Pick<Msg, 'subject' | 'data'> & { readonly headers?: MsgHdrs | undefined };

/** A message that passed the guards of the edge. */
export interface Letter {
  readonly message: AgentMessage;
  readonly source: Source;
  /** Encoding of the message, and so of its answer. */
  readonly encoding: Encoding;
  /** Where the answer goes; undefined when none is wanted. */
  readonly replySubject: string | undefined;
}

/** Why a message could not be read. */
export type ReadingFault = 'malformed' | 'foreign_reply_subject';

/** The broker bounds a message far below this. */
export const messageLimits = { bytesMax: 64 * 1024 * 1024, depthMax: forwardedDepthMax };

/** Reads what came on a subject of an agent; whatever it holds, this does not throw. */
export function readLetter(source: Msg): Letter | ReadingFault {
  const replySubject = source.reply === '' ? undefined : source.reply;
  if (replySubject !== undefined && !isReplySubject(replySubject)) return 'foreign_reply_subject';
  try {
    const encoding = encodingOf(source.headers?.get(contentTypeHeader));
    const body = decodeBody(source.data, encoding, messageLimits);
    return { message: parse(compiled(agentMessageSchema), body, 'message'), source, encoding, replySubject };
  } catch {
    return 'malformed';
  }
}
