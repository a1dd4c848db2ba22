/**
 * Whom of a subtree its relay has not accounted for. What a relay says is entered as a whole or not at all: one that names
 * somebody twice, or whom it was not given, is not to be believed of the others either.
 */
export class Pending {
  private readonly places: Set<number>;

  constructor(children: readonly number[]) {
    this.places = new Set(children);
  }

  get size(): number {
    return this.places.size;
  }

  /**
   * Enters whom the relay accounts for.
   * @returns false, and nothing is entered, when one of them is not pending or stands there twice
   */
  settle(places: readonly number[]): boolean {
    for (const [at, place] of places.entries()) {
      if (this.places.delete(place)) continue;
      for (const before of places.slice(0, at)) this.places.add(before);
      return false;
    }
    return true;
  }

  /** All who are left, for somebody else to ask; from then on nobody is. */
  takeRest(): number[] {
    const rest = [...this.places].sort((a, b) => a - b);
    this.places.clear();
    return rest;
  }
}
