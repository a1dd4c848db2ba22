import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { type Vitals } from '@nexus/contracts';

/** How finely lateness of the event loop is seen, in milliseconds; each look wakes the process. */
const resolutionMs = 50;
const nsPerMs = 1e6;
const usPerMs = 1e3;

/** Measures how this process does, from one reading to the next. */
export class ProcessVitals {
  private readonly lag: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  private cpuBefore = process.cpuUsage();
  private readAtMs = performance.now();
  private readonly memoryBytesMax = memoryBytesMax();

  constructor() {
    this.lag.enable();
  }

  read(): Vitals {
    const loopLagMs = Math.max(0, this.lag.max / nsPerMs - resolutionMs);
    const count = this.lag.count;
    this.lag.reset();
    return {
      cpu: this.cpu(),
      memory: this.memory(),
      loopLagMs: count === 0 ? 0 : Math.round(loopLagMs),
    };
  }

  close(): void {
    this.lag.disable();
  }

  private cpu(): number {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.cpuBefore);
    const tookMs = nowMs - this.readAtMs;
    this.cpuBefore = process.cpuUsage();
    this.readAtMs = nowMs;
    return tookMs > 0 ? share((user + system) / usPerMs / tookMs) : 0;
  }

  /** Of what the machine or its container gives, or of what the heap may take: whichever is nearer to its end. */
  private memory(): number {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    return share(Math.max(process.memoryUsage.rss() / this.memoryBytesMax, used / limit));
  }
}

const share = (value: number) => Math.round(100 * Math.min(1, Math.max(0, value))) / 100;

function memoryBytesMax(): number {
  // Zero where nothing bounds the process; undefined, by some versions of Node.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
