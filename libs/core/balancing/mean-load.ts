import { type LoadTable } from './table/load-table.js';

/** Of large sets so many are looked at each time. */
const looksMax = 8;
/** Up to here all are. */
const wholeMax = 64;

/**
 * What is in flight at one candidate on average, and its share. Of a large set a few are looked at each time, round and
 * round, and the mean is that of the last round: no pick pays for all, and no event must tell every set it concerns.
 */
export class MeanLoad {
  /** In flight at one, in the last round. */
  outstanding = 0;
  share = 1;
  private place = 0;
  private outstandingSum = 0;
  private shareSum = 0;
  private isFirstRound = true;

  /** @param slots of all candidates, at least one */
  refresh(table: LoadTable, slots: Int32Array, nowMs: number): void {
    const looks = slots.length <= wholeMax ? slots.length : looksMax;
    if (looks === slots.length || this.place >= slots.length) this.startRound();
    for (let look = 0; look < looks && this.place < slots.length; look++) {
      const slot = slots[this.place++]!;
      this.outstandingSum += table.outstanding(slot);
      this.shareSum += table.share(slot, nowMs);
    }
    const isWhole = this.place === slots.length;
    if (!isWhole && !this.isFirstRound) return;
    this.outstanding = this.outstandingSum / this.place;
    this.share = this.shareSum / this.place;
    if (isWhole) this.isFirstRound = false;
  }

  private startRound(): void {
    this.place = 0;
    this.outstandingSum = 0;
    this.shareSum = 0;
  }
}
