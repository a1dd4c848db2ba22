/**
 * The clock by which leases end: it stands in the log, stamped by whoever leads, and not on any wall. While a member
 * leads it runs as fast as that member's own monotonic clock; between two leaders it stands. So a lease may live longer
 * than it was given, and shorter by no more than the rate error of the leader's clock.
 */
export class LogClock {
  private baseMs = 0;
  private sinceMs = 0;

  /** @param nowMs the member's own monotonic clock */
  constructor(private readonly nowMs: () => number) {}

  /** What to stamp now. */
  get stampMs(): number {
    return Math.floor(this.baseMs + (this.nowMs() - this.sinceMs));
  }

  /** A term of ours begins, at what the log's clock shows. */
  begin(clockMs: number): void {
    this.baseMs = clockMs;
    this.sinceMs = this.nowMs();
  }

  /** Entries of an earlier leader turn out to be stamped later than that: go on from there. */
  catchUp(clockMs: number): void {
    if (clockMs > this.stampMs) this.begin(clockMs);
  }
}
