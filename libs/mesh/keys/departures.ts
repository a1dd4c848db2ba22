/** When members went, for as long as others may still take over what they kept. */
export class Departures {
  /** By member, the first to go first. */
  private readonly since = new Map<string, number>();

  /** @param rememberedMs how long; shorter than anybody remembers who is gone, or what was replaced could come back */
  constructor(private readonly rememberedMs: number) {}

  note(member: string, nowMs: number): void {
    this.forget(member);
    this.since.set(member, nowMs);
  }

  /** It is back. */
  forget(member: string): void {
    this.since.delete(member);
  }

  /** Who went lately. */
  recent(nowMs: number): ReadonlySet<string> {
    for (const [member, sinceMs] of this.since) {
      if (nowMs - sinceMs < this.rememberedMs) break;
      this.since.delete(member);
    }
    return new Set(this.since.keys());
  }
}
