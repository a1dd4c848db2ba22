import { instrumentRedis } from '@nexus/platform/telemetry';
import { Redis } from 'ioredis';
import { settledWithin } from './job-deadline.js';

const connectTimeoutMs = 2_000;
const reconnectWaitMsMin = 50;
const reconnectWaitMsMax = 2_000;

/**
 * The connection of a queue, and the copies that BullMQ makes of it to wait on. Unlike the service's own it holds commands
 * back while Redis is away and sends them later: BullMQ's scripts may be run twice, and its loops would give up otherwise.
 * Who must not wait asks `isUp` first.
 */
export class JobConnection {
  readonly redis: Redis;
  private readonly all: Redis[] = [];

  constructor(url: string, name: string) {
    instrumentRedis();
    this.redis = this.watched(
      new Redis(url, {
        connectionName: name,
        connectTimeout: connectTimeoutMs,
        // A worker waits for jobs for as long as it takes.
        maxRetriesPerRequest: null,
        retryStrategy: (attempt) => {
          const cap = Math.min(reconnectWaitMsMax, reconnectWaitMsMin * 2 ** Math.min(attempt, 10));
          return reconnectWaitMsMin + Math.random() * (cap - reconnectWaitMsMin);
        },
      }),
    );
    const duplicate = this.redis.duplicate.bind(this.redis);
    this.redis.duplicate = (override) => this.watched(duplicate(override));
  }

  get isUp(): boolean {
    return this.redis.status === 'ready';
  }

  /** Whether Redis answers within so many milliseconds: one that died a moment ago may still look up. */
  async answers(withinMs: number): Promise<boolean> {
    if (!this.isUp) return false;
    let isThere = false;
    const answer = this.redis.ping().then(() => {
      isThere = true;
    });
    await settledWithin(answer, withinMs);
    return isThere;
  }

  /** Cuts all of them for good, whatever they wait for: BullMQ would connect a copy that it waits on again. */
  cut(): void {
    for (const redis of this.all) {
      redis.connect = () => Promise.reject(new Error('closed'));
      // To disconnect what has ended leaves a timer behind, which holds the process.
      if (redis.status !== 'end') redis.disconnect();
    }
  }

  /** Each failed attempt to connect is an event, which must have a listener; the state tells the same. */
  private watched(redis: Redis): Redis {
    redis.on('error', () => undefined);
    this.all.push(redis);
    return redis;
  }
}
