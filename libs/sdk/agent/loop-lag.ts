import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the event loop is looked at, in milliseconds; what is within it is no lag. */
const resolutionMs = 20;

/** Longest that the event loop was late since it was last asked. Measured once it is asked the first time. */
export class LoopLag {
  private histogram: IntervalHistogram | undefined;

  /** In milliseconds. */
  read(): number {
    if (!this.histogram) {
      this.histogram = monitorEventLoopDelay({ resolution: resolutionMs });
      this.histogram.enable();
      return 0;
    }
    const lateMs = this.histogram.max / 1e6 - resolutionMs;
    this.histogram.reset();
    return Number.isFinite(lateMs) ? Math.max(0, Math.round(lateMs)) : 0;
  }

  stop(): void {
    this.histogram?.disable();
    this.histogram = undefined;
  }
}
