/** Counts what a run exercised. A simulator that never does a thing proves nothing about it. */
export class Coverage {
  private readonly counts = new Map<string, number>();

  count(kind: string, times = 1): void {
    if (times > 0) this.counts.set(kind, (this.counts.get(kind) ?? 0) + times);
  }

  of(kind: string): number {
    return this.counts.get(kind) ?? 0;
  }

  add(other: Readonly<Record<string, number>>): void {
    for (const [kind, times] of Object.entries(other)) this.count(kind, times);
  }

  /** By name, in order. */
  toObject(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
