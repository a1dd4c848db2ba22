import { NexusError } from '@nexus/contracts';
import { InMemoryRoundRobinCounter, RecentTargetSets, type RoundRobinCounter } from '@nexus/core/balancing';
import { context, trace } from '@opentelemetry/api';

export interface LeasedNumbersOptions {
  /** Hands out blocks; each number once across all processes. */
  readonly source: RoundRobinCounter;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** Numbers that were reserved. */
export interface Numbers {
  /** The first of them. */
  readonly first: number;
  /** Whether nobody else uses them: false while the source is away and the block is used up. */
  readonly shared: boolean;
}

/** A block is to last for so long at the rate of late, in milliseconds; a busy series asks this often. */
const blockMs = 50;
const blockMax = 65_536;
/** The next block is asked for when so much of the present one is left. */
const refillShare = 0.5;
/** How long a take waits for a source that does not answer, in milliseconds; then it numbers by itself. */
const patienceMs = 250;
/** After a failure the source is left alone for so long, in milliseconds. */
const restMs = 1_000;
/** Series kept; beyond this the one that was used longest ago is forgotten, with what is left of its block. */
const seriesMax = 1_024;

interface Block {
  next: number;
  end: number;
}

interface Series {
  block: Block;
  /** The block after it, once it is here. */
  spare: Block | undefined;
  refilling: Promise<void> | undefined;
  /** Numbers taken since `countedSinceMs`, for the rate. */
  taken: number;
  countedSinceMs: number;
  /** How many the next block has. */
  size: number;
}

/**
 * Round-robin numbers from blocks: a busy series takes a number without asking anybody, and no number is used by two. A
 * quiet one takes as many as it needs, so that few coordinators that are seldom asked are as even as one. What is
 * left of two blocks when a coordinator ends is left out: the agents' shares differ by one for each.
 */
export class LeasedNumbers {
  private readonly series = new RecentTargetSets<Series>(seriesMax);
  private readonly own = new InMemoryRoundRobinCounter();
  private awayUntilMs = -Infinity;

  constructor(private readonly options: LeasedNumbersOptions) {}

  /** Whether the source did not answer when it was asked last. */
  get isAway(): boolean {
    return this.options.now() < this.awayUntilMs;
  }

  /**
   * Reserves consecutive numbers; at once where the block has them.
   * @param targetSet a key from `targetSetKey`
   * @param count how many, an integer ≥ 1
   */
  take(targetSet: string, count: number): Numbers | Promise<Numbers> {
    const series = this.seriesOf(targetSet);
    this.noteRate(series, count);
    const first = fromBlock(series, count);
    if (!(series.spare && left(series.spare) > 0) && left(series.block) < series.size * refillShare) {
      this.refillSoon(targetSet, series);
    }
    return first === undefined ? this.fetch(targetSet, count) : { first, shared: true };
  }

  /** So many at once that no block has them, or a quiet series: asked for by name. */
  private async fetch(targetSet: string, count: number): Promise<Numbers> {
    if (this.isAway) return this.byOurselves(targetSet, count);
    try {
      const first = await this.ask(targetSet, count);
      return { first, shared: true };
    } catch (thrown) {
      this.noteAway(thrown);
      return this.byOurselves(targetSet, count);
    }
  }

  private async byOurselves(targetSet: string, count: number): Promise<Numbers> {
    return { first: await this.own.take(targetSet, count), shared: false };
  }

  private refillSoon(targetSet: string, series: Series): void {
    if (series.refilling || series.size <= 1 || this.isAway) return;
    const { size } = series;
    // A block is for requests to come, and belongs to the trace of none.
    const inNoTrace = trace.deleteSpan(context.active());
    series.refilling = context
      .with(inNoTrace, () => this.ask(targetSet, size))
      .then((first) => {
        series.spare = { next: first, end: first + size };
      })
      // Whatever it is: whoever asks by name next is told.
      .catch(() => this.rest())
      .finally(() => {
        series.refilling = undefined;
      });
  }

  /** @throws NexusError `unavailable` when the source does not answer in time */
  private async ask(targetSet: string, count: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new NexusError('unavailable', `no numbers within ${patienceMs} ms`));
      }, patienceMs).unref();
    });
    try {
      return await Promise.race([this.options.source.take(targetSet, count), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Only an outage is gone without; anything else is a fault to be seen. */
  private noteAway(thrown: unknown): void {
    if (NexusError.from(thrown).code !== 'unavailable') throw thrown;
    this.rest();
  }

  private rest(): void {
    this.awayUntilMs = this.options.now() + restMs;
  }

  private noteRate(series: Series, count: number): void {
    series.taken += count;
    const forMs = this.options.now() - series.countedSinceMs;
    if (forMs < blockMs) return;
    const inOneBlock = Math.ceil((series.taken / forMs) * blockMs);
    series.size = Math.min(blockMax, inOneBlock);
    series.taken = 0;
    series.countedSinceMs += forMs;
  }

  private seriesOf(targetSet: string): Series {
    return (
      this.series.get(targetSet) ??
      this.series.add(targetSet, {
        ...{ block: { next: 0, end: 0 }, spare: undefined, refilling: undefined },
        ...{ taken: 0, countedSinceMs: this.options.now(), size: 1 },
      })
    );
  }
}

const left = ({ next, end }: Block): number => end - next;

/**
 * The first of `count` numbers of the block, or of the one after it; undefined when neither has as many. What is left of
 * a block stays for those who need less: every number is used.
 */
function fromBlock(series: Series, count: number): number | undefined {
  if (left(series.block) === 0 && series.spare) {
    series.block = series.spare;
    series.spare = undefined;
  }
  const from = [series.block, series.spare].find((block) => block && left(block) >= count);
  if (!from) return undefined;
  const first = from.next;
  from.next += count;
  return first;
}
