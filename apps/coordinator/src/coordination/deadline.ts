/** One instant for everything done on behalf of a request; what is left of it shrinks as it is handed on. */
export class Deadline {
  constructor(
    /** The whole budget, in milliseconds from its start. */
    readonly timeoutMs: number,
    private readonly startedAt = performance.now(),
  ) {}

  /** What has been used, in milliseconds. */
  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** What is left, in whole milliseconds; never negative. */
  get remainingMs(): number {
    return Math.max(0, Math.floor(this.timeoutMs - this.elapsedMs));
  }

  /** One that ends earlier, so that something can still be done about what was not done by then. */
  before(reserveMs: number): Deadline {
    return new Deadline(Math.max(0, this.timeoutMs - reserveMs), this.startedAt);
  }
}
