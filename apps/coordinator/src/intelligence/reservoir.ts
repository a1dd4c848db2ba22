/** Keeps so many of all that it is offered, each with the same probability (Vitter 1985, algorithm R). */
export class Reservoir<T> {
  private kept: T[] = [];
  private offered = 0;

  /** @param random uniform in [0, 1) */
  constructor(
    private readonly capacity: number,
    private readonly random: () => number,
  ) {}

  /** @param make what to keep; called only when it is kept */
  offer(make: () => T): void {
    this.offered += 1;
    if (this.kept.length < this.capacity) this.kept.push(make());
    else {
      const at = Math.floor(this.random() * this.offered);
      if (at < this.capacity) this.kept[at] = make();
    }
  }

  /** What was kept since it was taken last, and the probability that one was. */
  take(): { readonly items: readonly T[]; readonly keptShare: number } {
    const items = this.kept;
    const keptShare = this.offered === 0 ? 1 : items.length / this.offered;
    this.kept = [];
    this.offered = 0;
    return { items, keptShare };
  }
}
