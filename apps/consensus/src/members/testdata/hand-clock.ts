import { type Clock } from '../../replica/clock.js';

interface Timer {
  readonly periodMs: number;
  readonly work: () => void;
  dueMs: number;
}

const stepMs = 10;
/** In which messages arrive, writes end, and what comes of both. */
const turnsPerStep = 6;

/** Time by hand, for all that run on it. */
export class HandClock implements Clock {
  private readonly timers = new Set<Timer>();
  private now = 0;

  nowMs(): number {
    return this.now;
  }

  /** Timers that run. */
  get running(): number {
    return this.timers.size;
  }

  every(periodMs: number, work: () => void): () => void {
    const timer = { periodMs, work, dueMs: this.now + periodMs };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  afterArrivals(work: () => void): void {
    setImmediate(work);
  }

  /** Time passes at once; a timer that is late fires once, before anything arrives. */
  jump(durationMs: number): void {
    this.now += durationMs;
    for (const timer of [...this.timers]) {
      if (timer.dueMs > this.now) continue;
      timer.dueMs = this.now + timer.periodMs;
      timer.work();
    }
  }

  /** Time passes as it does for those who are not held up. */
  async pass(durationMs: number): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += stepMs) {
      this.jump(stepMs);
      await arrivals();
    }
  }
}

/** What was sent arrives, and is handled. */
export async function arrivals(): Promise<void> {
  for (let turn = 0; turn < turnsPerStep; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
