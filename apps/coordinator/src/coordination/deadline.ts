/** One instant for everything done on behalf of a request; what is left of it shrinks as it is handed on. */
export class Deadline {
  private readonly startedAt = performance.now();

  constructor(
    /** The whole budget, in milliseconds from now. */
    readonly timeoutMs: number,
  ) {}

  /** What has been used, in milliseconds. */
  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** What is left, in whole milliseconds; never negative. */
  get remainingMs(): number {
    return Math.max(0, Math.floor(this.timeoutMs - this.elapsedMs));
  }
}
