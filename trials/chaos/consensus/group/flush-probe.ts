import { type FileHandle, open } from 'node:fs/promises';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Times } from '../../times.js';

const everyMs = 100;
/** A page, as the least that a log writes. */
const block = new Uint8Array(4_096);
const microsecondsPerMs = 1_000;

/**
 * Measures how long a flush takes on the disk of the logs, by small ones of its own, one after another. A leader whose
 * disk stands still is voted out; and replicas that nobody asks anything flush nothing by which it would show.
 */
export class FlushProbe {
  private readonly ending = new AbortController();
  private readonly tookMicroseconds = createHistogram();
  private readonly running: Promise<void>;

  private constructor(private readonly file: FileHandle) {
    this.running = this.run();
    // What fails is for whoever stops it.
    this.running.catch(() => undefined);
  }

  /** @param path of a file that is its own */
  static async start(path: string): Promise<FlushProbe> {
    return new FlushProbe(await open(path, 'w'));
  }

  /** How long they took, this process' own lateness included. */
  async stop(): Promise<Times> {
    this.ending.abort();
    try {
      await this.running;
    } finally {
      await this.file.close();
    }
    const { count, max } = this.tookMicroseconds;
    const ms = (microseconds: number) => microseconds / microsecondsPerMs;
    const percentile = (percent: number) => ms(this.tookMicroseconds.percentile(percent));
    return { count, p50Ms: percentile(50), p99Ms: percentile(99), maxMs: ms(max) };
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    do {
      const startedAtMs = performance.now();
      await this.file.write(block, 0, block.length, 0);
      await this.file.datasync();
      const tookMs = performance.now() - startedAtMs;
      this.tookMicroseconds.record(Math.max(1, Math.round(tookMs * microsecondsPerMs)));
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    } while (!signal.aborted);
  }
}
