/**
 * When not to judge others: for a while after we ourselves were cut off or late, as the silence may have been ours.
 * Every agent then had the time to be heard that it would have had without our trouble.
 */
export class JudgingPause {
  private until: number;

  /** @param pauseMs how long a pause lasts; @param nowMs the start, which is a reason to pause too */
  constructor(
    private readonly pauseMs: number,
    nowMs: number,
  ) {
    this.until = nowMs + pauseMs;
  }

  /** Notes trouble of ours. */
  begin(nowMs: number): void {
    this.until = nowMs + this.pauseMs;
  }

  over(nowMs: number): boolean {
    return nowMs >= this.until;
  }
}
