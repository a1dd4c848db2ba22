// Loaded into every replica before its entry point: tells the trial how long its event loop stood still.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface StallNews {
  /** The longest stall of the last second, in milliseconds. */
  readonly stallMs: number;
}

const everyMs = 1_000;
const resolutionMs = 10;
const nanosecondsPerMs = 1e6;

const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
setInterval(() => {
  // What is measured is from one tick to the next, with the time that a tick has.
  const news: StallNews = { stallMs: Math.max(0, delay.max / nanosecondsPerMs - resolutionMs) };
  delay.reset();
  // A trial that is gone hears nothing; the replica ends for that elsewhere.
  process.send?.(news, undefined, undefined, () => undefined);
}, everyMs).unref();
