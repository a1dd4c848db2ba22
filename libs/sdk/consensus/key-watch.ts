import { type KeyReading, type NexusError } from '@nexus/contracts';
import { KeyFollower, type KeyFollowerOptions } from './key-follower.js';

/** `onTrouble` tells of a log that cannot be read, for which a watch just waits. */
export type WatchOptions = Pick<KeyFollowerOptions, 'onTrouble'>;

/**
 * The values of keys as they change: first what stands, then what is newer. A reader that is slow misses values in
 * between, and never the last one of a key.
 */
export class KeyWatch implements AsyncIterableIterator<KeyReading, undefined> {
  /** Why the log cannot be read; undefined while it can. */
  trouble: NexusError | undefined;
  private readonly pending = new Map<string, KeyReading>();
  private readonly waiters: ((result: IteratorResult<KeyReading, undefined>) => void)[] = [];
  private readonly follower: KeyFollower;
  private readonly stopFollowing: () => void;
  private ended = false;

  /** @throws NexusError `invalid_argument` for no keys, more than 64, or one that is none */
  constructor(options: Omit<KeyFollowerOptions, 'onReading'>) {
    this.follower = new KeyFollower({
      ...options,
      onReading: (reading) => this.hand(reading),
      onTrouble: (error) => {
        this.trouble = error;
        options.onTrouble?.(error);
      },
    });
    this.stopFollowing = options.connection.on((event) => {
      if (event === 'closed') this.end();
    });
  }

  next(): Promise<IteratorResult<KeyReading, undefined>> {
    for (const [key, value] of this.pending) {
      this.pending.delete(key);
      return Promise.resolve({ done: false, value });
    }
    if (this.ended) return Promise.resolve(over);
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** Stops watching. */
  return(): Promise<IteratorResult<KeyReading, undefined>> {
    this.pending.clear();
    this.end();
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private hand(reading: KeyReading): void {
    const waiter = this.waiters.shift();
    if (waiter) waiter({ done: false, value: reading });
    else this.pending.set(reading.key, reading);
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.stopFollowing();
    this.follower.stop();
    for (const waiter of this.waiters.splice(0)) waiter(over);
  }
}

const over = { done: true, value: undefined } as const;
