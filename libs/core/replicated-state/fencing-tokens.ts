/*
 * A fencing token is the index of the entry that gave the lease or the office, so it grows by itself. One entry can give
 * more than one, though: its stamp may end several offices, and its command may resign one that just passed on. Then the
 * next ones are used, and a token is greater than every earlier one all the same.
 */
export class FencingTokens {
  private lastToken = 0;

  /** The last one given. */
  get last(): number {
    return this.lastToken;
  }

  /** Goes on from the last one that an image tells of. */
  restore(last: number): void {
    this.lastToken = last;
  }

  /** A token for what the entry at `index` gives. */
  issue(index: number): number {
    this.lastToken = Math.max(index, this.lastToken + 1);
    return this.lastToken;
  }
}
