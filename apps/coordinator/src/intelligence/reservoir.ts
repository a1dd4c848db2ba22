/** Keeps so many of all that it is offered, each with the same probability (Vitter 1985, algorithm R). */
export class Reservoir<T> {
  private kept: T[] = [];
  private offered = 0;

  /** @param random uniform in [0, 1) */
  constructor(
    private readonly capacity: number,
    private readonly random: () => number,
  ) {}

  /** How many are kept. */
  get size(): number {
    return this.kept.length;
  }

  /** @param make what to keep; called only when it is kept */
  offer(make: () => T): void {
    this.offered += 1;
    if (this.kept.length < this.capacity) this.kept.push(make());
    else {
      const at = Math.floor(this.random() * this.offered);
      if (at < this.capacity) this.kept[at] = make();
    }
  }

  /**
   * What was kept since it was taken last, and the probability that one was.
   * @param most of them, drawn by chance
   */
  take(most: number): { readonly items: readonly T[]; readonly keptShare: number } {
    const { kept, offered } = this;
    const count = Math.min(most, kept.length);
    for (let at = 0; at < count; at++) {
      const other = at + Math.floor(this.random() * (kept.length - at));
      [kept[at], kept[other]] = [kept[other]!, kept[at]!];
    }
    this.kept = [];
    this.offered = 0;
    return { items: kept.slice(0, count), keptShare: offered === 0 ? 1 : count / offered };
  }
}
