import { type Coverage } from './coverage.js';
import { once } from './once.js';
import { type SeededRandom } from './seeded-random.js';
import { type Timeline } from './timeline.js';

/**
 * `slow` flushes late, `stalled` not before it ends, `full` takes no more writes, `failing` loses some of what it was
 * to flush and says so.
 */
export type DiskCondition = 'slow' | 'stalled' | 'full' | 'failing';

interface SimulatedDiskOptions<R> {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly coverage: Coverage;
  readonly flushMsMin: number;
  readonly flushMsMax: number;
  /** A record is on the platter: it survives everything but the loss of the disk. */
  readonly onDurable: (record: R) => void;
  /** The write or flush failed, and what is durable of it is not known to who wrote. */
  readonly onFailed: (reason: 'full' | 'failing') => void;
}

/**
 * A journal of records. They become durable in the order in which they were written, all that wait in one flush. A crash
 * keeps some of the unsynced ones, from the first on, and may tear the next; a torn record is known by its checksum and
 * cut off, as a store must do.
 */
export class SimulatedDisk<R> {
  private unsynced: R[] = [];
  private flushing = false;
  /** A crash makes the flush that is under way nobody's. */
  private generation = 0;
  private readonly conditions: DiskCondition[] = [];

  constructor(private readonly options: SimulatedDiskOptions<R>) {}

  write(record: R): void {
    if (this.is('full')) {
      this.options.coverage.count('disk: full');
      this.options.onFailed('full');
      return;
    }
    this.unsynced.push(record);
    if (!this.flushing) this.flush();
  }

  /** The power fails: what was not flushed is a matter of luck. */
  crash(): void {
    this.generation++;
    this.flushing = false;
    const { random, coverage } = this.options;
    const written = this.unsynced;
    this.unsynced = [];
    const survived = random.integer(0, written.length);
    for (const record of written.slice(0, survived)) this.options.onDurable(record);
    const torn = survived < written.length && random.chance(0.5) ? 1 : 0;
    coverage.count('disk: torn writes', torn);
    coverage.count('disk: lost writes', written.length - survived - torn);
  }

  /** Puts it in a condition until the returned function is called. */
  suffer(condition: DiskCondition): () => void {
    const { conditions } = this;
    conditions.push(condition);
    return once(() => {
      conditions.splice(conditions.indexOf(condition), 1);
      if (condition === 'stalled' && this.flushing) this.complete(this.generation);
    });
  }

  private is(condition: DiskCondition): boolean {
    return this.conditions.includes(condition);
  }

  private flush(): void {
    this.flushing = true;
    const { timeline, random, flushMsMin, flushMsMax } = this.options;
    const flushMs = random.between(flushMsMin, flushMsMax) * (this.is('slow') ? 20 : 1);
    const { generation } = this;
    timeline.after(flushMs, () => this.complete(generation));
  }

  private complete(generation: number): void {
    // A flush that a stall held up ends with the stall.
    if (generation !== this.generation || this.is('stalled')) return;
    if (this.is('failing')) {
      this.options.coverage.count('disk: failed flushes');
      this.crash();
      this.options.onFailed('failing');
      return;
    }
    this.generation++;
    this.flushing = false;
    const flushed = this.unsynced;
    this.unsynced = [];
    for (const record of flushed) this.options.onDurable(record);
    if (this.unsynced.length > 0) this.flush();
  }
}
