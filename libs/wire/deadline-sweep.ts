import { timerMsMax } from './timer-ms-max.js';

/** What ends by itself when it has waited too long. */
export interface Expiring {
  /** By `performance.now()`, in milliseconds. */
  readonly deadlineAtMs: number;
  /** Called once the deadline has passed; ends the wait. */
  onLate(): void;
}

/** Those that expire close together are ended by one sweep. */
const sweepApartMsMin = 5;

/**
 * One timer for all who wait. It is set for whoever expires first, and then looks at everybody; since nearly all are
 * answered long before, that is seldom, and to begin or end a wait costs no more than a comparison. A timer each
 * was a tenth of the cost of a request.
 */
export class DeadlineSweep {
  private timer: NodeJS.Timeout | undefined;
  private sweepAtMs = Number.POSITIVE_INFINITY;

  /** @param waiting all of them; whoever is ended leaves it */
  constructor(private readonly waiting: ReadonlyMap<unknown, Expiring>) {}

  /** Somebody begins to wait. */
  begin({ deadlineAtMs }: Expiring): void {
    if (deadlineAtMs < this.sweepAtMs) this.schedule(deadlineAtMs, performance.now());
    // The first of them: while somebody waits the process must not end for want of work.
    else if (this.waiting.size === 1) this.timer?.ref();
  }

  /** Somebody has left. */
  end(): void {
    if (this.waiting.size === 0) this.timer?.unref();
  }

  private schedule(atMs: number, nowMs: number): void {
    clearTimeout(this.timer);
    this.sweepAtMs = atMs;
    // Whole milliseconds, and never too early: a timer that fires before the deadline ends nobody.
    const inMs = Math.min(Math.max(0, Math.ceil(atMs - nowMs)), timerMsMax);
    this.timer = setTimeout(() => this.sweep(), inMs);
  }

  private sweep(): void {
    this.timer = undefined;
    this.sweepAtMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const each of this.waiting.values()) {
      if (each.deadlineAtMs <= nowMs) each.onLate();
      else if (each.deadlineAtMs < nextAtMs) nextAtMs = each.deadlineAtMs;
    }
    if (nextAtMs < this.sweepAtMs) this.schedule(Math.max(nextAtMs, nowMs + sweepApartMsMin), nowMs);
  }
}
