import { type Msg, type Subscription } from '@nats-io/transport-node';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import {
  compiledAtOnce,
  type Endpoint,
  limits,
  NexusError,
  parse,
  partHeader,
  subjectParams,
  subscriptionOf,
} from '@nexus/contracts';
import {
  type Connection,
  contentTypeHeader,
  decodeBody,
  type DecodeLimits,
  type Encoding,
  encodingOf,
  extractTrace,
  failSpan,
  isReplySubject,
  messagingAttributes,
  recordsBelow,
  type ReplyInbox,
  tracer,
} from '@nexus/wire';
import { context, type Context, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { isObservable, lastValueFrom } from 'rxjs';
import { type LineHealth } from './connection-pool.js';
import { Discovery, type ServiceIdentity } from './discovery.js';
import { type Drops } from './drops.js';
import { EndpointStats } from './endpoint-stats.js';
import { InFlight } from './in-flight.js';
import { NatsContext } from './nats-context.js';
import { ReplyChannel } from './reply-channel.js';
import { type ServeExtras } from './serve.js';
import { type ShownFigures } from './shown-figures.js';

export interface NatsTransportOptions {
  readonly connection: Connection;
  /** By which replies are sent, also shortly after an outage. */
  readonly replies: ReplyInbox;
  /** How each connection of the service is, by its class. */
  readonly connections?: () => Readonly<Record<string, LineHealth>>;
  /** First token of every subject. */
  readonly prefix: string;
  readonly drops: Drops;
  /** What the service shows of its own work. */
  readonly figures: ShownFigures;
  readonly identity: ServiceIdentity;
  /** How long `close` waits for requests under way, in milliseconds. */
  readonly drainTimeoutMs: number;
  /** Largest request body, in bytes; never above what the broker carries. */
  readonly requestBytesMax?: number;
  /** Requests under way at once, an endpoint; more are answered with `overloaded`. */
  readonly inFlightMax?: number;
  /** What stands for this process in the templates of its own endpoints, as `{ replicaId: 'consensus-1' }`. */
  readonly own?: Readonly<Record<string, string>>;
  /** Puts into a trace context whatever tells this service's spans from another's in the same process. */
  readonly enterService?: (context: Context) => Context;
}

/** What an overloaded endpoint tells its callers to wait, in milliseconds. */
const overloadedRetryAfterMs = 250;

/** What may wait to be sent before a further part of a reply, in bytes. */
const partsWaitingBytesMax = 4 * 1_024 * 1_024;
/** How long a part waits for that, in milliseconds; then the broker takes nothing, and the request fails. */
const partPatienceMs = 10_000;

/** One endpoint being served. */
interface Door {
  readonly endpoint: Endpoint;
  /** The endpoint's own, compiled. */
  readonly request: Endpoint['request'];
  readonly template: string;
  readonly handler: MessageHandler;
  readonly stats: EndpointStats;
  readonly inFlight: InFlight;
}

/** One message being served. */
interface Serving {
  readonly message: Msg;
  readonly channel: ReplyChannel;
  readonly span: Span;
  /** By `performance.now()`, in milliseconds. */
  readonly startedAt: number;
}

/**
 * Serves Nest's message handlers on plain NATS subjects: no envelope, one guarded decoding, typed errors in the
 * headers of NATS ADR-32, trace context in and out, and a close that waits for what was accepted.
 */
export class NatsTransport extends Server implements CustomTransportStrategy {
  private readonly doors: Door[] = [];
  private readonly subscriptions: Subscription[] = [];
  /** The figures of each endpoint. */
  readonly stats: EndpointStats[] = [];
  /** Ways back to the callers of requests under way. */
  private readonly channels = new Map<ReplyChannel, Endpoint>();
  private readonly discovery: Discovery;
  /** The context that messages arrive in, and what becomes of it for those that continue no trace. */
  private outer: Context | undefined;
  private withoutTrace: Context = ROOT_CONTEXT;

  constructor(private readonly options: NatsTransportOptions) {
    super();
    this.discovery = new Discovery(options.connection, options.identity, {
      stats: this.stats,
      drops: options.drops,
      shown: options.figures,
      connections: options.connections ?? (() => ({})),
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

  /** Stops taking requests, then waits for those under way; what is not done in time fails with a typed error. */
  async close(): Promise<void> {
    this.discovery.close();
    if (this.options.connection.connected) {
      await Promise.allSettled(this.subscriptions.splice(0).map((subscription) => subscription.drain()));
    }
    const deadline = performance.now() + this.options.drainTimeoutMs;
    for (const { inFlight } of this.doors) await inFlight.whenIdle(Math.max(0, deadline - performance.now()));
    await Promise.all([...this.channels].map(([channel, endpoint]) => channel.fail(endedMidway(endpoint))));
    // The replies are on their way; a connection that is lost now tells nobody whether they arrived.
    if (this.options.connection.connected) await this.options.connection.flush().catch(() => undefined);
  }

  on(): never {
    throw new TypeError('this transport emits no events: use Connection.on');
  }

  unwrap(): never {
    throw new TypeError('this transport hands out no client: inject Connection');
  }

  private open(handler: MessageHandler): void {
    const { endpoint } = handler.extras as ServeExtras;
    const { prefix, own = {} } = this.options;
    const subject = subscriptionOf(prefix, endpoint.template, fixedFor(endpoint, own));
    const queue = endpoint.own === undefined ? endpoint.service : null;
    const stats = new EndpointStats(endpoint, subject, queue);
    const door: Door = {
      endpoint,
      request: compiledAtOnce(endpoint.request),
      template: `${prefix}.${endpoint.template}`,
      handler,
      stats,
      inFlight: new InFlight(this.options.inFlightMax ?? 4_096),
    };
    this.doors.push(door);
    this.stats.push(stats);
    this.subscriptions.push(
      this.options.connection.subscribe(
        subject,
        (message) => this.receive(door, message),
        queue ?? undefined,
      ),
    );
  }

  private receive(door: Door, message: Msg): void {
    if (message.reply && !isReplySubject(message.reply)) {
      this.options.drops.foreignReply += 1;
      return;
    }
    const parent = this.contextOf(message);
    const span = processSpan(door.template, message, parent);
    const channel = new ReplyChannel(this.options.replies, message, this.options.drops);
    const serve = () => void this.serve(door, { message, channel, span, startedAt: performance.now() });
    context.with(trace.setSpan(parent, span), serve);
  }

  /** What a message continues, in this service's name. Most say nothing of it, and all those share one. */
  private contextOf({ headers }: Msg): Context {
    const { enterService = (entered: Context) => entered } = this.options;
    if (headers !== undefined) return enterService(extractTrace(headers));
    const active = context.active();
    if (active !== this.outer) {
      this.outer = active;
      this.withoutTrace = enterService(extractTrace(undefined));
    }
    return this.withoutTrace;
  }

  /** Serves one message from the first look to the figures. Never throws. */
  private async serve(door: Door, { message, channel, span, startedAt }: Serving): Promise<void> {
    const error = door.inFlight.enter()
      ? await this.handle(door, message, channel)
      : await refuse(door, message, channel);
    if (error) failSpan(span, error);
    span.end();
    door.stats.record(performance.now() - startedAt, error);
  }

  /** Serves one message from decoding to reply; what went wrong is answered, and returned for the figures. */
  private async handle(door: Door, message: Msg, channel: ReplyChannel): Promise<NexusError | undefined> {
    this.channels.set(channel, door.endpoint);
    try {
      channel.encoding = encodingOf(message.headers?.get(contentTypeHeader));
      const params = subjectParams(door.endpoint.template, message.subject);
      const body = decodeBody(message.data, channel.encoding, this.requestLimits);
      const request = parse(door.request, body, `${door.endpoint.name} request`);
      const natsContext = new NatsContext(message, {
        params,
        encoding: channel.encoding,
        replyBytesMax: this.options.connection.bodyBytesMax,
        sendPart: (part) => this.sendPart(channel, part),
      });
      const result: unknown = await door.handler(request, natsContext);
      const reply: unknown = isObservable(result) ? await lastValueFrom(result) : result;
      const delivery = channel.send(reply ?? {}, natsContext.replyHeadersIfAny);
      if (delivery !== undefined) await delivery;
      return undefined;
    } catch (thrown) {
      const error = NexusError.from(thrown);
      await channel.fail(error);
      return error;
    } finally {
      this.channels.delete(channel);
      door.inFlight.leave();
    }
  }

  /** Others on the connection are not to wait behind the whole of a large reply. */
  private async sendPart(channel: ReplyChannel, part: unknown): Promise<void> {
    await this.options.connection.whenWritable(partsWaitingBytesMax, partPatienceMs);
    await channel.send(part, [[partHeader, 'partial']]);
  }

  /** The configured bound, or the broker's own where that is smaller. */
  private get requestLimits(): DecodeLimits {
    const { requestBytesMax = limits.requestBytesMax, connection } = this.options;
    return { bytesMax: Math.min(requestBytesMax, connection.bodyBytesMax), depthMax: limits.depthMax };
  }
}

/** An endpoint of one process alone; that nobody said which would make it everybody's, so it is refused. */
const fixedFor = ({ own: name }: Endpoint, own: Readonly<Record<string, string>>) =>
  name === undefined ? {} : { [name]: own[name] ?? '' };

/** Its attributes are written only where somebody may record them. */
function processSpan(template: string, message: Msg, parent: Context): Span {
  if (!recordsBelow(parent)) return tracer().startSpan(`process ${template}`, undefined, parent);
  const attributes = messagingAttributes('process', template, message.subject, message.data.length);
  return tracer().startSpan(`process ${template}`, { kind: SpanKind.CONSUMER, attributes }, parent);
}

/** Says that there is no place. */
async function refuse(door: Door, message: Msg, channel: ReplyChannel): Promise<NexusError> {
  const error = new NexusError('overloaded', `${door.endpoint.name} has too many requests under way`, {
    retryAfterMs: overloadedRetryAfterMs,
  });
  // Best told in the caller's own encoding; one that we do not know gets JSON.
  channel.encoding = knownEncoding(message);
  await channel.fail(error);
  return error;
}

const endedMidway = ({ commits = false }: Endpoint) =>
  new NexusError(
    commits ? 'unknown' : 'unavailable',
    'the service ended before the request was done: its outcome is unknown',
  );

function knownEncoding(message: Msg): Encoding {
  try {
    return encodingOf(message.headers?.get(contentTypeHeader));
  } catch {
    return 'json';
  }
}
