import {
  AuthorizationError,
  type ConnectionOptions,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
  UserAuthenticationExpiredError,
  connect,
} from '@nats-io/transport-node';
import { NexusError } from '@nexus/contracts';
import { firstEvent } from './first-event.js';
import { outboundBytesOf, TurnWrites } from './outbound.js';

export interface ConnectOptions {
  /** `nats://host:port`, or several of one cluster. */
  readonly servers: string | readonly string[];
  /** Shown by the server in its connection list. */
  readonly name: string;
  /** First tokens of every reply subject of this connection; with credentials, `_INBOX.<kind>.<id>`. */
  readonly inboxPrefix?: string;
  /** How long the first connection may take, in milliseconds; afterwards it reconnects for ever. */
  readonly connectTimeoutMs?: number;
  /** The most that may wait to be sent, in bytes (default 64 MiB); more is refused with `overloaded`. */
  readonly outboundBytesMax?: number;
  /** Credentials and TLS, as the NATS client takes them. */
  readonly auth?: Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator' | 'tls'>;
}

export interface PublishOptions {
  readonly headers?: MsgHdrs;
  readonly reply?: string;
}

const reconnectWaitMsMin = 250;
const reconnectWaitMsMax = 2_000;
/** How long after our own return the other side of an outage may still be on its way back, in milliseconds. */
const othersReturnMsMax = reconnectWaitMsMax + 500;
const pingIntervalMs = 3_000;
const headerAllowanceBytes = 4_096;
const outboundBytesMaxDefault = 64 * 1_024 * 1_024;
/** What a sender is told to wait whose messages the broker does not take, in milliseconds. */
const outboundRetryAfterMs = 250;
/** Between two looks at what waits to be sent, in milliseconds. */
const outboundLookMs = 5;

/** `fault`: a listener of a subscription threw, which is a defect of ours; the message is lost on it, and no other. */
export type ConnectionEvent =
  'disconnected' | 'reconnected' | 'slow_consumer' | 'refused' | 'fault' | 'closed';

/** @param detail in words, for a log: the server, the subject, the reason */
export type ConnectionListener = (event: ConnectionEvent, detail: string) => void;

/**
 * A NATS connection that comes back by itself and never loses a message silently: publishing while it is down is an
 * error, where the bare client would buffer, and send late or never.
 */
export class Connection {
  private up = true;
  private reconnectedAt = Number.NEGATIVE_INFINITY;
  private readonly listeners = new Set<ConnectionListener>();
  private readonly turnWrites: TurnWrites;
  /** How often somebody was too slow for what came: a subscription of ours, or this connection for the broker. */
  slowConsumers = 0;

  private constructor(
    /** The client's own connection, for what this class does not wrap. */
    readonly nats: NatsConnection,
    /** Every reply subject of this connection is below it. */
    readonly inboxPrefix: string,
    private readonly outboundBytesMax: number,
  ) {
    this.turnWrites = new TurnWrites(nats);
    void this.follow();
  }

  /**
   * Connects, waiting for a server that is still starting.
   * @throws NexusError `unavailable` when no server answers within `connectTimeoutMs` (default 10 s), `unauthorized` at
   * once when one refuses the credentials
   */
  static async open(options: ConnectOptions): Promise<Connection> {
    const inboxPrefix = options.inboxPrefix ?? '_INBOX';
    const timeoutMs = options.connectTimeoutMs ?? 10_000;
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        const nats = await connect({
          ...options.auth,
          servers: typeof options.servers === 'string' ? options.servers : [...options.servers],
          name: options.name,
          inboxPrefix,
          timeout: Math.max(250, Math.min(2_000, deadline - performance.now())),
          maxReconnectAttempts: -1,
          reconnectDelayHandler: reconnectDelayMs,
          pingInterval: pingIntervalMs,
          maxPingOut: 2,
          ignoreAuthErrorAbort: true,
        });
        return new Connection(nats, inboxPrefix, options.outboundBytesMax ?? outboundBytesMaxDefault);
      } catch (cause) {
        const where = withoutCredentials(options.servers);
        if (refusesUs(cause)) {
          const message = `the NATS server at ${where} refuses: ${reason(cause)}`;
          throw new NexusError('unauthorized', message, { cause });
        }
        const waitMs = reconnectDelayMs();
        if (performance.now() + waitMs >= deadline) {
          throw new NexusError('unavailable', `no NATS server at ${where}: ${reason(cause)}`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  /** Whether a server is connected right now. */
  get connected(): boolean {
    return this.up && !this.nats.isClosed();
  }

  /** Time since a lost connection came back, in milliseconds; infinite when none was lost. */
  private get sinceReconnectMs(): number {
    return performance.now() - this.reconnectedAt;
  }

  /** Whether it is connected, and was for long enough that others cut off with us are back too. */
  get steady(): boolean {
    if (!this.connected) return false;
    // Never lost is the usual case, and needs no clock.
    return this.reconnectedAt === Number.NEGATIVE_INFINITY || this.sinceReconnectMs > othersReturnMsMax;
  }

  /** Largest body that one message can carry, in bytes, leaving room for headers. */
  get bodyBytesMax(): number {
    return (this.nats.info?.max_payload ?? 1_048_576) - headerAllowanceBytes;
  }

  /** Published bytes that wait because the broker takes them no faster. */
  get outboundBytes(): number {
    return outboundBytesOf(this.nats);
  }

  /**
   * Resolves once no more than `bytesMax` wait to be sent: who has much to send waits here between its messages, so that
   * others on the connection do not wait behind all of it.
   * @throws NexusError `overloaded` when that takes longer than `withinMs`, `unavailable` when the connection is lost
   */
  async whenWritable(bytesMax: number, withinMs: number): Promise<void> {
    const deadlineAtMs = performance.now() + withinMs;
    while (this.outboundBytes > bytesMax) {
      if (!this.connected) throw disconnected();
      if (performance.now() >= deadlineAtMs) throw congested(this.outboundBytes);
      await new Promise((resolve) => setTimeout(resolve, outboundLookMs));
    }
  }

  /** Calls `listener` each time that the connection becomes steady after an outage; returns how to stop. */
  onSteady(listener: () => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(look, othersReturnMsMax - this.sinceReconnectMs + 1).unref();
    };
    const look = () => {
      if (this.steady) listener();
      // Timers count in whole milliseconds, and so may end one or two early.
      else if (this.connected) wait();
    };
    const stop = this.on((event) => {
      if (event === 'reconnected') wait();
    });
    if (this.connected && !this.steady) wait();
    return () => {
      clearTimeout(timer);
      stop();
    };
  }

  /** Calls `listener` on every change; returns how to stop. */
  on(listener: ConnectionListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Resolves once connected.
   * @throws NexusError `unavailable` when that takes longer than `withinMs`, and at once when the connection is closed
   */
  async whenConnected(withinMs: number): Promise<void> {
    if (this.connected) return;
    if (this.nats.isClosed()) throw disconnected();
    await firstEvent({
      listen: ({ resolve, reject }) =>
        this.on((event) => {
          if (event === 'reconnected') resolve();
          if (event === 'closed') reject(disconnected());
        }),
      withinMs,
      late: disconnected,
    });
  }

  /**
   * Sends one message.
   * @throws NexusError `unavailable` while disconnected, `payload_too_large` over the server's limit, `overloaded` when
   * more than `outboundBytesMax` already wait to be sent
   */
  publish(subject: string, body: Uint8Array, options: PublishOptions = {}): void {
    if (!this.connected) throw disconnected();
    if (body.length > this.bodyBytesMax) {
      throw new NexusError(
        'payload_too_large',
        `a message of ${body.length} bytes exceeds the broker's ${this.bodyBytesMax}`,
      );
    }
    if (this.outboundBytes > this.outboundBytesMax) throw congested(this.outboundBytes);
    this.turnWrites.begin(body.length);
    this.nats.publish(subject, body, options);
  }

  /** Subscribes; `onMessage` runs as messages arrive, in order, and must not throw. */
  subscribe(subject: string, onMessage: (message: Msg) => void, queue?: string): Subscription {
    return this.nats.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      // The only error is a refused permission, which listeners hear of as `refused`.
      callback: (error, message) => {
        if (error !== null) return;
        // The client stops reading for good when a callback throws, without a word: then nobody is heard any more.
        try {
          onMessage(message);
        } catch (thrown) {
          this.emit('fault', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
        }
      },
    });
  }

  /**
   * Waits until the server has everything that was published before.
   * @throws NexusError `unavailable` when it does not say so within `withinMs`, and once the connection is lost
   */
  async flush(withinMs = 2_000): Promise<void> {
    const flushed = this.nats.flush().catch((cause: unknown) => {
      throw disconnected(cause);
    });
    await withTimeout(flushed, withinMs);
  }

  /** Sends what is pending, then closes; gives up waiting after `withinMs`. */
  async close(withinMs = 2_000): Promise<void> {
    if (this.nats.isClosed()) return;
    // A server that does not take it in time, or is lost meanwhile, must not keep us from closing.
    if (this.connected) await withTimeout(this.nats.drain(), withinMs).catch(() => undefined);
    if (!this.nats.isClosed()) await this.nats.close();
  }

  private async follow(): Promise<void> {
    for await (const status of this.nats.status()) {
      switch (status.type) {
        case 'disconnect':
          this.change(false, 'disconnected', status.server);
          break;
        case 'reconnect':
          this.reconnectedAt = performance.now();
          this.change(true, 'reconnected', status.server);
          break;
        case 'slowConsumer':
          this.slow(status.sub.getSubject());
          break;
        case 'error':
          if (/slow consumer/i.test(status.error.message)) this.slow(status.error.message);
          else this.emit('refused', status.error.message);
          break;
        default:
          // Pings, cluster updates and the attempts between two connections change nothing for us.
          break;
      }
    }
    this.change(false, 'closed', '');
  }

  private slow(detail: string): void {
    this.slowConsumers += 1;
    this.emit('slow_consumer', detail);
  }

  private change(up: boolean, event: ConnectionEvent, detail: string): void {
    this.up = up;
    this.emit(event, detail);
  }

  private emit(event: ConnectionEvent, detail: string): void {
    for (const listener of this.listeners) listener(event, detail);
  }
}

const disconnected = (cause?: unknown) =>
  new NexusError('unavailable', 'the connection to NATS is down', { retryAfterMs: 1_000, cause });

const congested = (waitingBytes: number) =>
  new NexusError('overloaded', `${waitingBytes} bytes wait for the broker to take them`, {
    retryAfterMs: outboundRetryAfterMs,
  });

/** Full jitter between the bounds, so that a fleet does not return in one instant. */
const reconnectDelayMs = () => reconnectWaitMsMin + Math.random() * (reconnectWaitMsMax - reconnectWaitMsMin);

/** A URL may carry a password, and an error may end up in any log. */
const withoutCredentials = (servers: ConnectOptions['servers']) =>
  String(servers).replace(/\/\/[^/@,]*@/g, '//');

/** Whether the server judged the credentials: one that was too busy to hear them in time has not, and may yet. */
const refusesUs = (error: unknown): boolean =>
  error instanceof UserAuthenticationExpiredError ||
  (error instanceof AuthorizationError && !/timeout/i.test(error.message));

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function withTimeout<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new NexusError('unavailable', 'the NATS server does not answer')),
      withinMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
