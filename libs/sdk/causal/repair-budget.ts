export interface RepairBounds {
  readonly answersPerSecond: number;
  readonly bytesPerSecond: number;
}

/** A thousand agents that miss the same are served within the time of their asks. */
const defaultBounds: RepairBounds = { answersPerSecond: 512, bytesPerSecond: 8 * 1024 * 1024 };

/**
 * Bounds what is sent again: a few bytes of a request must not move any number of megabytes. There is a second's worth
 * at once, and as much again each second. Who is not served asks again, and asks others.
 */
export class RepairBudget {
  private answers: number;
  private bytes: number;
  private filledAtMs: number | undefined;

  constructor(private readonly bounds: RepairBounds = defaultBounds) {
    this.answers = bounds.answersPerSecond;
    this.bytes = bounds.bytesPerSecond;
  }

  /** How large the next answer may be, in bytes; 0: there is to be none. */
  leftBytes(nowMs: number): number {
    const { answersPerSecond, bytesPerSecond } = this.bounds;
    const seconds = Math.max(0, nowMs - (this.filledAtMs ?? nowMs)) / 1_000;
    this.filledAtMs = nowMs;
    this.answers = Math.min(answersPerSecond, this.answers + seconds * answersPerSecond);
    this.bytes = Math.min(bytesPerSecond, this.bytes + seconds * bytesPerSecond);
    return this.answers < 1 ? 0 : Math.max(0, Math.floor(this.bytes));
  }

  /** Counts an answer. */
  spend(bytes: number): void {
    this.answers -= 1;
    this.bytes -= bytes;
  }
}
