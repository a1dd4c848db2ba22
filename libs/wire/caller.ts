import { headers as natsHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import {
  compiled,
  type Endpoint,
  NexusError,
  partHeader,
  subjectOf,
  type SubjectParams,
} from '@nexus/contracts';
import { context, type Context, type Span, SpanKind, trace } from '@opentelemetry/api';
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
import { type Awaiting, type ReplyInbox } from './reply-inbox.js';
import { timerMsMax } from './timer-ms-max.js';
import { failSpan, messagingAttributes, recordsBelow, traceHeaders, tracer } from './tracing.js';

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
  call<T extends string, Req extends z.ZodType, Rep extends z.ZodType>(
    endpoint: Endpoint<T, Req, Rep>,
    params: Readonly<Record<SubjectParams<T>, string>>,
    request: z.input<Req>,
    options: CallOptions,
  ): Promise<z.infer<Rep>> {
    return this.exchange(endpoint, params, request, options, ({ body }) => {
      const reply = compiled(endpoint.reply).safeParse(body);
      if (reply.success) return reply.data;
      throw new NexusError('internal', `${endpoint.name} answered what its contract does not allow`, {
        cause: reply.error,
      });
    });
  }

  /** As `call`, without checking the reply against the endpoint's schema. */
  callRaw<T extends string>(
    endpoint: Endpoint<T>,
    params: Readonly<Record<SubjectParams<T>, string>>,
    request: unknown,
    options: CallOptions,
  ): Promise<RawReply> {
    return this.exchange(endpoint, params, request, options, (reply) => reply);
  }

  /** As `callRaw`, with a request that is written already, in the encoding that the options name. */
  callWritten<T extends string>(
    endpoint: Endpoint<T>,
    params: Readonly<Record<SubjectParams<T>, string>>,
    body: Uint8Array,
    options: CallOptions,
  ): Promise<RawReply> {
    return this.send(
      endpoint,
      params,
      () => body,
      options,
      (reply) => reply,
    );
  }

  private exchange<T extends string, R>(
    endpoint: Endpoint<T>,
    params: Readonly<Record<SubjectParams<T>, string>>,
    request: unknown,
    options: CallOptions,
    read: (reply: RawReply) => R,
  ): Promise<R> {
    return this.send(endpoint, params, (encoding) => encodeBody(request, encoding), options, read);
  }

  private send<T extends string, R>(
    { template }: Endpoint<T>,
    params: Readonly<Record<SubjectParams<T>, string>>,
    write: (encoding: Encoding) => Uint8Array,
    options: CallOptions,
    read: (reply: RawReply) => R,
  ): Promise<R> {
    // What is thrown in here the promise fails with.
    return new Promise((resolve, reject) => {
      const subject = subjectOf(this.prefix, template, params);
      const encoding = options.encoding ?? 'json';
      const body = write(encoding);
      const call = new PendingCall<R>(this.replies, { subject, options, read, resolve, reject });
      call.send(this.connection, { body, encoding, template: `${this.prefix}.${template}` });
    });
  }
}

interface CallParts<R> {
  readonly subject: string;
  readonly options: CallOptions;
  readonly read: (reply: RawReply) => R;
  readonly resolve: (result: R) => void;
  readonly reject: (error: NexusError) => void;
}

interface Outgoing {
  readonly body: Uint8Array;
  readonly encoding: Encoding;
  /** The subject with `{name}` for ids. */
  readonly template: string;
}

/** One request on its way; whatever comes first ends it: the reply, an error, the deadline, the signal. */
class PendingCall<R> implements Awaiting {
  readonly deadlineAtMs: number;
  private token = '';
  private span: Span | undefined;

  constructor(
    private readonly replies: ReplyInbox,
    private readonly parts: CallParts<R>,
  ) {
    this.deadlineAtMs = performance.now() + Math.min(parts.options.timeoutMs, timerMsMax);
  }

  send(connection: Connection, { body, encoding, template }: Outgoing): void {
    const { subject, options } = this.parts;
    if (options.signal?.aborted) {
      this.parts.reject(abandoned(options.signal.reason));
      return;
    }
    const parent = context.active();
    if (recordsBelow(parent)) {
      const attributes = messagingAttributes('send', template, subject, body.length);
      this.span = tracer().startSpan(`send ${template}`, { kind: SpanKind.CLIENT, attributes }, parent);
    }
    const headers = headersOf(encoding, this.span ? trace.setSpan(parent, this.span) : parent);
    options.signal?.addEventListener('abort', this.onAbort, { once: true });
    this.token = this.replies.expect(this);
    const reply = this.replies.subjectOf(this.token);
    try {
      connection.publish(subject, body, headers === undefined ? { reply } : { headers, reply });
    } catch (error) {
      this.fail(NexusError.from(error));
    }
  }

  onReply(message: Msg | null): void {
    try {
      if (message === null) throw nobodyServes(this.parts.subject);
      const reply = readReply(message);
      if (message.headers?.get(partHeader) === 'partial') {
        this.parts.options.onPart?.(reply.body);
        return;
      }
      const result = this.parts.read(reply);
      this.end();
      this.parts.resolve(result);
    } catch (error) {
      this.fail(NexusError.from(error));
    }
  }

  onLate(): void {
    const { subject, options } = this.parts;
    this.fail(new NexusError('deadline_exceeded', `no reply on ${subject} in ${options.timeoutMs} ms`));
  }

  private readonly onAbort = () => this.fail(abandoned(this.parts.options.signal?.reason));

  private fail(error: NexusError): void {
    if (this.span) failSpan(this.span, error);
    this.end();
    this.parts.reject(error);
  }

  private end(): void {
    this.replies.forget(this.token);
    this.parts.options.signal?.removeEventListener('abort', this.onAbort);
    this.span?.end();
  }
}

/** What the body does not say itself; most requests need none. */
function headersOf(encoding: Encoding, from: Context): MsgHdrs | undefined {
  if (encoding === 'json') return traceHeaders(from);
  const headers = traceHeaders(from) ?? natsHeaders();
  headers.set(contentTypeHeader, contentTypeOf(encoding));
  return headers;
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
