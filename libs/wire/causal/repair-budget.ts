export interface RepairBounds {
  readonly bytesPerSecond: number;
  /** However small they are. Default: as many as the bytes allow. */
  readonly answersPerSecond?: number;
}

/**
 * Bounds what is sent again: a few bytes of a request must not move any number of megabytes. There is a second's worth
 * at once, and as much again each second. Who is not served asks again, and asks others.
 */
export class RepairBudget {
  private readonly most: Required<RepairBounds>;
  private answers: number;
  private bytes: number;
  private filledAtMs: number | undefined;

  constructor({ bytesPerSecond, answersPerSecond = Number.MAX_SAFE_INTEGER }: RepairBounds) {
    this.most = { bytesPerSecond, answersPerSecond };
    this.answers = answersPerSecond;
    this.bytes = bytesPerSecond;
  }

  /** How large the next answer may be, in bytes; 0: there is to be none. */
  leftBytes(nowMs: number): number {
    const { answersPerSecond, bytesPerSecond } = this.most;
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
