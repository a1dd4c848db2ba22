import { headers as natsHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { type Endpoint, NexusError, partHeader, subjectOf, type SubjectParams } from '@nexus/contracts';
import { SpanKind } from '@opentelemetry/api';
import { type z } from 'zod';
import { type Connection } from './connection.js';
import {
  contentTypeHeader,
  contentTypeOf,
  decodeBody,
  type DecodeLimits,
  encodeBody,
  type Encoding,
  encodingOf,
  forwardedDepthMax,
} from './encoding.js';
import { type ReplyInbox } from './reply-inbox.js';
import { timerMsMax } from './timer-ms-max.js';
import { inSpan, injectTrace, messagingAttributes } from './tracing.js';

export interface CallOptions {
  /** When to give up, in milliseconds from now; what exceeds 24 days counts as 24 days. */
  readonly timeoutMs: number;
  readonly encoding?: Encoding;
  /** Stops waiting; a `NexusError` that it is aborted with is what the call fails with. */
  readonly signal?: AbortSignal | undefined;
  /** Called for every partial reply before the last one. */
  readonly onPart?: (body: Record<string, unknown>) => void;
}

/** A reply as it came: headers beside the decoded body. */
export interface RawReply {
  readonly headers: MsgHdrs | undefined;
  readonly body: Record<string, unknown>;
}

/** Replies may be as large as the broker allows. */
const replyLimits: DecodeLimits = { bytesMax: 64 * 1024 * 1024, depthMax: forwardedDepthMax };

/** Asks endpoints of Nexus and hands back typed replies, or throws the `NexusError` that came instead. */
export class Caller {
  constructor(
    private readonly connection: Connection,
    private readonly replies: ReplyInbox,
    /** First token of every subject. */
    private readonly prefix: string,
  ) {}

  /**
   * Sends a request and waits for its reply.
   * @throws NexusError what the service answered; `unavailable` when nobody serves the subject or the connection is
   * down; `deadline_exceeded` after `timeoutMs`, or when the signal aborts
   */
  async call<T extends string, Req extends z.ZodType, Rep extends z.ZodType>(
    endpoint: Endpoint<T, Req, Rep>,
    params: Readonly<Record<SubjectParams<T>, string>>,
    request: z.input<Req>,
    options: CallOptions,
  ): Promise<z.infer<Rep>> {
    const { body } = await this.callRaw(endpoint, params, request, options);
    const reply = endpoint.reply.safeParse(body);
    if (reply.success) return reply.data;
    throw new NexusError('internal', `${endpoint.name} answered what its contract does not allow`, {
      cause: reply.error,
    });
  }

  /** As `call`, without checking the reply against the endpoint's schema. */
  async callRaw<T extends string>(
    endpoint: Endpoint<T>,
    params: Readonly<Record<SubjectParams<T>, string>>,
    request: unknown,
    options: CallOptions,
  ): Promise<RawReply> {
    const subject = subjectOf(this.prefix, endpoint.template, params);
    const encoding = options.encoding ?? 'json';
    const body = encodeBody(request, encoding);
    const template = `${this.prefix}.${endpoint.template}`;
    return inSpan(
      `send ${template}`,
      { kind: SpanKind.CLIENT, attributes: messagingAttributes('send', template, subject, body.length) },
      () => this.exchange(subject, body, encoding, options),
    );
  }

  private exchange(
    subject: string,
    body: Uint8Array,
    encoding: Encoding,
    options: CallOptions,
  ): Promise<RawReply> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) return Promise.reject(abandoned(signal.reason));
    const headers = natsHeaders();
    if (encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(encoding));
    injectTrace(headers);
    return new Promise((resolve, reject) => {
      const conversation = this.replies.open((_slot, message) => {
        try {
          if (message === null) throw nobodyServes(subject);
          const reply = readReply(message);
          if (message.headers?.get(partHeader) === 'partial') options.onPart?.(reply.body);
          else settle(() => resolve(reply));
        } catch (error) {
          fail(NexusError.from(error));
        }
      });
      const fail = (error: NexusError) => settle(() => reject(error));
      const onAbort = () => fail(abandoned(signal?.reason));
      const late = () =>
        fail(new NexusError('deadline_exceeded', `no reply on ${subject} in ${timeoutMs} ms`));
      const timer = setTimeout(late, Math.min(timeoutMs, timerMsMax));
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = (settled: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        conversation.close();
        settled();
      };
      try {
        this.connection.publish(subject, body, { headers, reply: conversation.replySubject(0) });
      } catch (error) {
        fail(NexusError.from(error));
      }
    });
  }
}

/** Services that start or move are back in a moment. */
const nobodyServes = (subject: string) =>
  new NexusError('unavailable', `nobody serves ${subject}`, { retryAfterMs: 250 });

/** What a call fails with whose signal was aborted for this reason. */
const abandoned = (reason: unknown): NexusError =>
  reason instanceof NexusError
    ? reason
    : new NexusError('deadline_exceeded', 'the caller stopped waiting', { cause: reason });

/**
 * Decodes a reply.
 * @throws NexusError the error that it carries, or `internal` when it is malformed
 */
function readReply(message: Msg): RawReply {
  let body: Record<string, unknown>;
  try {
    body = decodeBody(message.data, encodingOf(message.headers?.get(contentTypeHeader)), replyLimits);
  } catch (cause) {
    throw new NexusError('internal', 'the reply is malformed', { cause });
  }
  if (message.headers?.has('Nats-Service-Error-Code')) throw NexusError.fromBody(body);
  return { headers: message.headers, body };
}
