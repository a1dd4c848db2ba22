import { instrumentRedis } from '@nexus/platform/telemetry';
import { firstEvent } from '@nexus/wire';
import { Redis } from 'ioredis';
import { redisFault } from './redis-fault.js';
import { RedisKeys } from './redis-keys.js';
import { type RedisScript, type ScriptCall } from './redis-script.js';

export interface RedisOptions {
  /** `redis://` or `rediss://`, with credentials and database as usual. */
  readonly url: string;
  /** The deployment's prefix: every key lies below `{<prefix>}:`. */
  readonly prefix: string;
  /** Shown by Redis in its client list. */
  readonly name: string;
  /** How long one command may take, in milliseconds. Default 1000: a request has better ways to spend its budget. */
  readonly commandTimeoutMs?: number;
}

export type RedisConnectionEvent = 'connected' | 'disconnected';

const commandTimeoutMsDefault = 1_000;
const connectTimeoutMs = 2_000;
/** Commands without an answer, in a row, after which the connection is taken for dead. */
const timeoutsMax = 16;
const reconnectWaitMsMin = 50;
const reconnectWaitMsMax = 2_000;

/**
 * A Redis connection that fails fast and comes back by itself. While it is down a command is refused at once instead
 * of queued: its caller has a deadline, and something to fall back to. Commands of one turn go out in one write, each
 * still sent by its own caller: the library's automatic pipelines send in the context of whoever came first, so that
 * spans land in the wrong trace.
 */
export class RedisConnection {
  readonly keys: RedisKeys;
  private readonly listeners = new Set<(event: RedisConnectionEvent) => void>();
  private up = false;
  private corked = false;
  /** Commands in a row that got no answer in time. */
  private timeouts = 0;
  private readonly commandTimeoutMs: number;

  private constructor(
    private readonly redis: Redis,
    { prefix, commandTimeoutMs = commandTimeoutMsDefault }: RedisOptions,
  ) {
    this.commandTimeoutMs = commandTimeoutMs;
    this.keys = new RedisKeys(prefix);
    redis.on('ready', () => this.change(true));
    redis.on('close', () => this.change(false));
    // Each failed attempt to connect is an event; the state tells the same, and commands carry the cause.
    redis.on('error', () => undefined);
  }

  /** Starts connecting and returns at once: a service must come up, and say so, while Redis is down. */
  static open(options: RedisOptions): RedisConnection {
    instrumentRedis();
    const redis = new Redis(options.url, {
      connectionName: options.name,
      connectTimeout: connectTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: reconnectDelayMs,
    });
    return new RedisConnection(redis, options);
  }

  get connected(): boolean {
    return this.up;
  }

  /** Calls `listener` on every change; returns how to stop. */
  on(listener: (event: RedisConnectionEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Resolves once connected.
   * @throws NexusError `unavailable` when that takes longer than `withinMs`
   */
  async whenConnected(withinMs: number): Promise<void> {
    if (this.up) return;
    await firstEvent({
      listen: ({ resolve }) =>
        this.on((event) => {
          if (event === 'connected') resolve();
        }),
      withinMs,
      late: () => redisFault(new Error(`no connection in ${withinMs} ms`)),
    });
  }

  /**
   * Runs commands.
   * @throws NexusError `unavailable` while Redis cannot serve; `internal` when it refuses the command
   */
  async run<T>(commands: (redis: Redis) => Promise<T>): Promise<T> {
    this.gather();
    try {
      const reply = await repliedWithin(commands(this.redis), this.commandTimeoutMs);
      this.timeouts = 0;
      return reply;
    } catch (error) {
      this.suspect(error);
      throw redisFault(error);
    }
  }

  /** A server that hangs keeps its socket open, and commands would pile up behind the first: better to connect anew. */
  private suspect(error: unknown): void {
    if (!(error instanceof CommandTimeout)) return;
    this.timeouts += 1;
    if (this.timeouts < timeoutsMax) return;
    this.timeouts = 0;
    this.redis.disconnect(true);
  }

  /** Runs a script; faults as those of `run`. */
  script(script: RedisScript, call: ScriptCall): Promise<unknown> {
    return this.run((redis) => script.run(redis, call));
  }

  /** Runs a script whose texts come as bytes; faults as those of `run`. */
  scriptForBytes(script: RedisScript, call: ScriptCall): Promise<unknown> {
    return this.run((redis) => script.runForBytes(redis, call));
  }

  /** Sends what is pending, then closes for good. */
  async close(): Promise<void> {
    // A connection that is lost meanwhile, or hangs, is as closed as we want it.
    if (this.up) await repliedWithin(this.redis.quit(), this.commandTimeoutMs).catch(() => undefined);
    this.redis.disconnect();
  }

  /** Holds the socket's writes back until this turn is over. */
  private gather(): void {
    // Absent before the first connection, whatever the library's types say.
    const stream = this.redis.stream as typeof this.redis.stream | undefined;
    if (this.corked || stream === undefined) return;
    this.corked = true;
    stream.cork();
    process.nextTick(() => {
      this.corked = false;
      stream.uncork();
    });
  }

  private change(up: boolean): void {
    if (up === this.up) return;
    this.up = up;
    for (const listener of this.listeners) listener(up ? 'connected' : 'disconnected');
  }
}

class CommandTimeout extends Error {}

/**
 * Our own time limit, since the library's rejects a reply that has arrived while this process was busy. A reply is
 * judged late only after everything that the socket holds has been read.
 */
function repliedWithin<T>(reply: Promise<T>, withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new CommandTimeout(`no reply in ${withinMs} ms`));
    const timer = setTimeout(() => setImmediate(giveUp), withinMs);
    void reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Full jitter below a doubling cap, so that a fleet of services does not return in one instant. */
function reconnectDelayMs(attempt: number): number {
  const cap = Math.min(reconnectWaitMsMax, reconnectWaitMsMin * 2 ** Math.min(attempt, 10));
  return reconnectWaitMsMin + Math.random() * (cap - reconnectWaitMsMin);
}
