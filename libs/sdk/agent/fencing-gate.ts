/**
 * Tells the holder of a lease from one that was paused and does not know that it has lost it: tokens only grow, so
 * whoever comes with a smaller one than was seen before is late. Remembered for the life of the process.
 */
export class FencingGate {
  private greatest = 0;

  /** Whether a message with that token may pass; one without is not part of an exclusive request, and may. */
  admits(token: number | undefined): boolean {
    if (token === undefined) return true;
    if (token < this.greatest) return false;
    this.greatest = token;
    return true;
  }
}
