export interface RemovalBounds {
  /** How long a removal stands at least, in milliseconds: news of it may still be on its way. */
  readonly graceMs: number;
  /** How long at most, whoever has not heard of it. */
  readonly keptMsMax: number;
  /** Removals that stand at once. */
  readonly removalsMax: number;
}

/**
 * When this member's removals may be forgotten. A removal is a value like any other: while it stands, what it removed
 * cannot come back with a member that was away.
 */
export class Removals {
  /** Since when, the oldest first. */
  private readonly since = new Map<string, number>();

  constructor(private readonly bounds: RemovalBounds) {}

  add(key: string, nowMs: number): void {
    this.since.delete(key);
    this.since.set(key, nowMs);
  }

  drop(key: string): void {
    this.since.delete(key);
  }

  /**
   * @param isHeard whether all whose values the removal of a key replaces are there, and have none any more
   * @returns the keys whose removals can go
   */
  due(nowMs: number, isHeard: (key: string) => boolean): string[] {
    const { graceMs, keptMsMax, removalsMax } = this.bounds;
    let tooMany = this.since.size - removalsMax;
    const due: string[] = [];
    for (const [key, sinceMs] of this.since) {
      const ageMs = nowMs - sinceMs;
      if (tooMany <= 0 && ageMs < graceMs) break;
      if (tooMany > 0 || ageMs >= keptMsMax || isHeard(key)) {
        due.push(key);
        tooMany -= 1;
      }
    }
    return due;
  }
}
