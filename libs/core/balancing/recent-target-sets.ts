import { assert } from '@nexus/core/invariant';

/**
 * What is kept for each target set, by its key: of the `keptMax` that were used last. The others are forgotten, and begin
 * anew when they are asked for again.
 */
export class RecentTargetSets<V extends object> {
  /** The order of the Map is the order of use. */
  private readonly entries = new Map<string, V>();
  /** The one that was used last: nearly always the next one too, and then nothing need be moved. */
  private latest: V | undefined;

  /** @param onForgotten told of each that is forgotten */
  constructor(
    private readonly keptMax: number,
    private readonly onForgotten: (value: V) => void = () => undefined,
  ) {
    assert(Number.isSafeInteger(keptMax) && keptMax >= 1, 'at least one target set is kept');
  }

  get(key: string): V | undefined {
    const known = this.entries.get(key);
    if (known === undefined || known === this.latest) return known;
    this.entries.delete(key);
    this.entries.set(key, known);
    this.latest = known;
    return known;
  }

  /** Keeps what is new. */
  add(key: string, value: V): V {
    this.entries.set(key, value);
    this.latest = value;
    if (this.entries.size > this.keptMax) this.forgetOldest();
    return value;
  }

  values(): IterableIterator<V> {
    return this.entries.values();
  }

  private forgetOldest(): void {
    for (const [key, value] of this.entries) {
      this.entries.delete(key);
      this.onForgotten(value);
      return;
    }
  }
}
