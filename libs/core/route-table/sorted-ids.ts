/** A set of ids in ascending order of their characters. Finding is a binary search; adding moves what lies behind. */
export class SortedIds {
  private constructor(private readonly ids: string[]) {}

  /** @param ids without repeats, in any order */
  static of(ids: Iterable<string>): SortedIds {
    return new SortedIds([...ids].sort(byCharacters));
  }

  get size(): number {
    return this.ids.length;
  }

  add(id: string): void {
    const at = this.firstNotBefore(id);
    if (this.ids[at] !== id) this.ids.splice(at, 0, id);
  }

  delete(id: string): void {
    const at = this.firstNotBefore(id);
    if (this.ids[at] === id) this.ids.splice(at, 1);
  }

  /** The ids behind `after`, in order; all of them without it. The set must not change meanwhile. */
  *behind(after?: string): Generator<string, void, undefined> {
    let at = after === undefined ? 0 : this.firstNotBefore(after);
    if (this.ids[at] === after) at += 1;
    for (; at < this.ids.length; at += 1) yield this.ids[at]!;
  }

  private firstNotBefore(id: string): number {
    let low = 0;
    let high = this.ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The order of `<` on strings, which is also that of Redis and of C; never a locale's. */
export const byCharacters = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;
