/** What repairs may send, in bytes: a second's worth at once, and as much again each second. */
const bytesPerSecond = 16 * 1024 * 1024;

/**
 * Bounds what is sent again: a few bytes of a request must not move any number of megabytes. Who is not served asks again,
 * and asks others.
 */
export class RepairBudget {
  private left = bytesPerSecond;
  private filledAtMs = performance.now();

  /** What may be sent now, in bytes. */
  leftBytes(): number {
    const nowMs = performance.now();
    const grown = ((nowMs - this.filledAtMs) / 1_000) * bytesPerSecond;
    this.left = Math.min(bytesPerSecond, this.left + grown);
    this.filledAtMs = nowMs;
    return Math.floor(this.left);
  }

  spend(bytes: number): void {
    this.left -= bytes;
  }
}
