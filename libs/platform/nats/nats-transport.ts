import { headers as natsHeaders, type Msg, type MsgHdrs, type Subscription } from '@nats-io/transport-node';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import {
  type Endpoint,
  NexusError,
  parse,
  partHeader,
  subjectParams,
  subscriptionOf,
} from '@nexus/contracts';
import {
  type Connection,
  contentTypeHeader,
  contentTypeOf,
  decodeBody,
  encodeBody,
  type Encoding,
  encodingOf,
  extractTrace,
  failSpan,
  isReplySubject,
  messagingAttributes,
  type ReplyInbox,
  tracer,
} from '@nexus/wire';
import { context, type Context, SpanKind, trace } from '@opentelemetry/api';
import { isObservable, lastValueFrom } from 'rxjs';
import { Discovery, type ServiceIdentity } from './discovery.js';
import { Drops, EndpointStats } from './endpoint-stats.js';
import { InFlight } from './in-flight.js';
import { NatsContext } from './nats-context.js';
import { type ServeExtras } from './serve.js';

export interface NatsTransportOptions {
  readonly connection: Connection;
  /** Where the service's own questions are answered; what comes too late shows in its figures. */
  readonly replies: ReplyInbox;
  /** First token of every subject. */
  readonly prefix: string;
  readonly identity: ServiceIdentity;
  /** How long `close` waits for requests under way, in milliseconds. */
  readonly drainTimeoutMs: number;
  /** Requests under way at once, an endpoint; more are answered with `overloaded`. */
  readonly inFlightMax?: number;
  /** Puts into a trace context whatever tells this service's spans from another's in the same process. */
  readonly enterService?: (context: Context) => Context;
}

/** How long a finished reply waits for a lost connection to come back, in milliseconds. */
const replyPatienceMs = 10_000;
/** What an overloaded endpoint tells its callers to wait, in milliseconds. */
const overloadedRetryAfterMs = 250;

/** One endpoint being served. */
interface Door {
  readonly endpoint: Endpoint;
  readonly template: string;
  readonly handler: MessageHandler;
  readonly stats: EndpointStats;
  readonly inFlight: InFlight;
}

/**
 * Serves Nest's message handlers on plain NATS subjects: no envelope, one guarded decoding, typed errors in the
 * headers of NATS ADR-32, trace context in and out, and a close that waits for what was accepted.
 */
export class NatsTransport extends Server implements CustomTransportStrategy {
  private readonly doors: Door[] = [];
  private readonly subscriptions: Subscription[] = [];
  private readonly stats: EndpointStats[] = [];
  readonly drops = new Drops();
  private readonly discovery: Discovery;

  constructor(private readonly options: NatsTransportOptions) {
    super();
    this.discovery = new Discovery(options.connection, options.identity, {
      stats: this.stats,
      drops: this.drops,
      replies: options.replies,
    });
  }

  listen(callback: (error?: unknown) => void): void {
    try {
      for (const handler of this.getHandlers().values()) this.open(handler);
      this.discovery.listen();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Stops taking requests, then waits for those under way. */
  async close(): Promise<void> {
    this.discovery.close();
    if (this.options.connection.connected) {
      await Promise.allSettled(this.subscriptions.splice(0).map((subscription) => subscription.drain()));
    }
    const deadline = Date.now() + this.options.drainTimeoutMs;
    for (const { inFlight } of this.doors) await inFlight.whenIdle(Math.max(0, deadline - Date.now()));
    if (this.options.connection.connected) await this.options.connection.flush().catch(() => undefined);
  }

  /** Requests under way, over all endpoints. */
  get inFlight(): number {
    return this.doors.reduce((sum, { inFlight }) => sum + inFlight.size, 0);
  }

  on(): never {
    throw new TypeError('this transport emits no events: use Connection.on');
  }

  unwrap(): never {
    throw new TypeError('this transport hands out no client: inject Connection');
  }

  private open(handler: MessageHandler): void {
    const { endpoint } = handler.extras as ServeExtras;
    const subject = subscriptionOf(this.options.prefix, endpoint.template);
    const stats = new EndpointStats(endpoint, subject);
    const door: Door = {
      endpoint,
      template: `${this.options.prefix}.${endpoint.template}`,
      handler,
      stats,
      inFlight: new InFlight(this.options.inFlightMax ?? 4_096),
    };
    this.doors.push(door);
    this.stats.push(stats);
    this.subscriptions.push(
      this.options.connection.subscribe(subject, (message) => this.receive(door, message), endpoint.service),
    );
  }

  private receive(door: Door, message: Msg): void {
    const inboxRoot = this.options.connection.inboxPrefix.split('.', 1)[0];
    if (message.reply && !isReplySubject(message.reply, inboxRoot)) {
      this.drops.foreignReply += 1;
      return;
    }
    const { enterService = (entered: Context) => entered } = this.options;
    const parent = enterService(extractTrace(message.headers));
    const span = tracer().startSpan(
      `process ${door.template}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: messagingAttributes('process', door.template, message.subject, message.data.length),
      },
      parent,
    );
    const startedAt = performance.now();
    const finish = (error?: NexusError) => {
      if (error) failSpan(span, error);
      span.end();
      door.stats.record(performance.now() - startedAt, error);
    };
    context.with(trace.setSpan(parent, span), () => {
      if (!door.inFlight.enter()) {
        const error = new NexusError('overloaded', `${door.endpoint.name} has too many requests under way`, {
          retryAfterMs: overloadedRetryAfterMs,
        });
        void this.replyError(message, 'json', error).then(() => finish(error));
        return;
      }
      void this.handle(door, message).then((error) => {
        door.inFlight.leave();
        finish(error);
      });
    });
  }

  /** Serves one message from decoding to reply; what went wrong is answered, and returned for the figures. */
  private async handle(door: Door, message: Msg): Promise<NexusError | undefined> {
    let encoding: Encoding = 'json';
    try {
      encoding = encodingOf(message.headers?.get(contentTypeHeader));
      const params = subjectParams(door.endpoint.template, message.subject);
      const body = decodeBody(message.data, encoding);
      const request = parse(door.endpoint.request, body, `${door.endpoint.name} request`);
      const natsContext = new NatsContext(message, {
        params,
        encoding,
        replyBytesMax: this.options.connection.bodyBytesMax,
        sendPart: (part) => this.reply(message, encoding, part, { [partHeader]: 'partial' }),
      });
      const result: unknown = await door.handler(request, natsContext);
      const reply: unknown = isObservable(result) ? await lastValueFrom(result) : result;
      await this.reply(message, encoding, reply ?? {}, Object.fromEntries(natsContext.replyHeaders));
      return undefined;
    } catch (thrown) {
      const error = NexusError.from(thrown);
      await this.replyError(message, encoding, error);
      return error;
    }
  }

  private async reply(
    message: Msg,
    encoding: Encoding,
    body: unknown,
    extra: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (!message.reply) return;
    const headers = natsHeaders();
    if (encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(encoding));
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    await this.deliver(message.reply, encodeBody(body, encoding), headers);
  }

  private async replyError(message: Msg, encoding: Encoding, error: NexusError): Promise<void> {
    if (!message.reply) {
      this.drops.unanswerable += 1;
      return;
    }
    const headers = natsHeaders();
    if (encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(encoding));
    headers.set('Nats-Service-Error-Code', String(error.status));
    headers.set('Nats-Service-Error', error.message.replace(/[^\x20-\x7e]+/g, ' '));
    await this.deliver(message.reply, encodeBody(error.toBody(), encoding), headers).catch(() => {
      this.drops.undeliveredReply += 1;
    });
  }

  /** A reply that is ready while the connection is down waits for it: the caller is still listening. */
  private async deliver(subject: string, body: Uint8Array, headers: MsgHdrs): Promise<void> {
    const { connection } = this.options;
    if (!connection.connected) await connection.whenConnected(replyPatienceMs);
    connection.publish(subject, body, { headers });
  }
}
