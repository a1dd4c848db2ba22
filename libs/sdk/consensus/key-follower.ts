import {
  type EventBody,
  events,
  type KeyReading,
  keySchema,
  NexusError,
  parse,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { type Connection, contentTypeHeader, decodeBody, encodingOf } from '@nexus/wire';
import { backoffMs } from '../connection/backoff.js';

export interface KeyFollowerOptions {
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
  /** At most 64. */
  readonly keys: readonly string[];
  /** A linearizable read. */
  readonly read: (key: string) => Promise<KeyReading>;
  /** Called with the value that stands, and with each newer one that becomes known. It must not throw. */
  readonly onReading: (reading: KeyReading) => void;
  /**
   * Told why the log cannot be read, once it cannot, and undefined once it was read again. Meanwhile what was known stays
   * known, and it is tried again and again.
   */
  readonly onTrouble?: (error: NexusError | undefined) => void;
  /** How long nothing may be read as long as events show no gap, in milliseconds. Default 10,000 to 30,000. */
  readonly rereadMs?: { readonly min: number; readonly max: number };
}

/** Most keys of one follower: each is read anew after every gap. */
const keysMax = 64;
const rereadDefault = { min: 10_000, max: 30_000 };
const troubleBackoff = { baseMs: 250, capMs: 5_000 };
const flushMs = 2_000;

/** How much is known of a key: the state of the log that said so, and the version that stood in it. */
interface Known {
  readonly index: number;
  readonly version: number;
}

/**
 * Knows the newest value of a few keys. Events bring changes in the moment in which they are committed, and may be lost;
 * each tells where the one before it ended, so that a loss shows and the keys are read again. A loss after which
 * nothing happens shows by the reading that is made anyway, now and then.
 */
export class KeyFollower {
  private readonly known = new Map<string, Known>();
  /** All changes up to this index are known; undefined before the first reading. */
  private upTo: number | undefined;
  private readonly stops: readonly (() => void)[];
  private stopped = false;
  private troubled = false;
  private wanted = false;
  private wake: () => void = () => undefined;

  /**
   * Starts at once.
   * @throws NexusError `invalid_argument` for too many keys, or one that is none
   */
  constructor(private readonly options: KeyFollowerOptions) {
    const { connection, prefix, keys } = options;
    if (keys.length === 0 || keys.length > keysMax) {
      throw new NexusError('invalid_argument', `keys: name 1 to ${keysMax}`);
    }
    for (const key of keys) parse(keySchema, key, 'key');
    const subject = subjectOf(prefix, subjects.event, { domain: 'consensus', event: 'changed' });
    const subscription = connection.subscribe(subject, ({ data, headers }) => {
      try {
        const body = decodeBody(data, encodingOf(headers?.get(contentTypeHeader)));
        this.take(events['consensus.changed'].parse(body));
      } catch {
        // What cannot be read may have been about our keys.
        this.reread();
      }
    });
    this.stops = [
      () => subscription.unsubscribe(),
      connection.on((event) => {
        if (event === 'reconnected') this.reread();
        if (event === 'closed') this.stop();
      }),
    ];
    void this.follow();
  }

  /** Ends following; nothing is reported afterwards. */
  stop(): void {
    this.stopped = true;
    for (const stop of this.stops) stop();
    this.wake();
  }

  private reread(): void {
    this.wanted = true;
    this.wake();
  }

  private async follow(): Promise<void> {
    const { min, max } = this.options.rereadMs ?? rereadDefault;
    let failures = 0;
    while (!this.stopped) {
      this.wanted = false;
      try {
        await this.readAll();
        failures = 0;
        this.tell(undefined);
        await this.pause(min + Math.random() * (max - min), true);
      } catch (thrown) {
        if (this.isStopped()) return;
        this.tell(NexusError.from(thrown));
        failures += 1;
        // Nothing hurries it: an event that comes meanwhile shows no way to the log.
        await this.pause(backoffMs(troubleBackoff, failures, troubleBackoff.baseMs), false);
      }
    }
  }

  private tell(trouble: NexusError | undefined): void {
    const troubled = trouble !== undefined;
    if (this.stopped || troubled === this.troubled) return;
    this.troubled = troubled;
    this.options.onTrouble?.(trouble);
  }

  private async readAll(): Promise<void> {
    const { connection, keys, read } = this.options;
    // The server has to know our subscription first, or a change could fall between the reading and the events.
    await connection.flush(flushMs);
    const readings = await Promise.all(keys.map((key) => read(key)));
    for (const reading of readings) this.learn(reading);
    const readUpTo = Math.min(...readings.map(({ index }) => index));
    this.upTo = Math.max(this.upTo ?? 0, readUpTo);
  }

  private take({ previousIndex, changes }: EventBody<'consensus.changed'>): void {
    for (const change of changes) {
      if (change.kind !== 'key' || !this.options.keys.includes(change.key)) continue;
      const { key, value, version, index } = change;
      this.learn({ key, value: value ?? null, version, index });
    }
    if (this.upTo === undefined) return;
    if (previousIndex > this.upTo) this.reread();
    else this.upTo = Math.max(this.upTo, changes.at(-1)?.index ?? 0);
  }

  private learn(reading: KeyReading): void {
    const { key, index, version } = reading;
    const known = this.known.get(key);
    if (this.stopped || (known && known.index > index)) return;
    this.known.set(key, { index, version });
    if (known?.version !== version) this.options.onReading(reading);
  }

  /** Other code stops it during a wait, which the compiler cannot see. */
  private isStopped(): boolean {
    return this.stopped;
  }

  private async pause(ms: number, hurried: boolean): Promise<void> {
    if (this.stopped || (hurried && this.wanted)) return;
    await new Promise<void>((resolve) => {
      // The connection keeps the process up, not the wait.
      const timer = setTimeout(resolve, ms).unref();
      this.wake = () => {
        if (!hurried && !this.stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}
