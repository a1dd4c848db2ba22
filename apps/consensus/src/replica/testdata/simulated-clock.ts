import { type Coverage, type SeededRandom, SimulatedProcess, type Timeline } from '@nexus/testing';
import { type Clock } from '../clock.js';

interface SimulatedClockOptions {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly coverage: Coverage;
  readonly tickMs: number;
  readonly turnDelayMsMax: number;
}

/** Time and turns of a process that may be paused, or whose clock runs fast or slow. */
export class SimulatedClock implements Clock {
  readonly process: SimulatedProcess<() => void>;
  private readonly timers = new Set<() => void>();

  constructor(options: SimulatedClockOptions) {
    this.process = new SimulatedProcess({
      ...options,
      // The replica is to bound what waits for it.
      inputsMax: Number.POSITIVE_INFINITY,
      onTurn: (arrived, isTick) => {
        // As in a process that wakes up: timers first, then what is in the sockets.
        if (isTick) for (const work of [...this.timers]) work();
        for (const work of arrived) work();
      },
    });
  }

  nowMs(): number {
    return this.process.localNowMs;
  }

  /** By the ticks of the process, whatever the period: a replica has no other timer. */
  every(_periodMs: number, work: () => void): () => void {
    this.timers.add(work);
    return () => this.timers.delete(work);
  }

  afterArrivals(work: () => void): void {
    this.process.post(work);
  }
}
