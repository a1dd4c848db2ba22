/** Who had a reason to be silent, or deaf, and until when. */
export class Trouble {
  private readonly open = new Map<string, number>();
  private readonly endedAtMs = new Map<string, number>();

  constructor(private readonly nowMs: () => number) {}

  /** @returns what ends it */
  begin(names: readonly string[]): () => void {
    for (const name of names) this.open.set(name, (this.open.get(name) ?? 0) + 1);
    return () => {
      for (const name of names) {
        this.open.set(name, (this.open.get(name) ?? 1) - 1);
        this.endedAtMs.set(name, this.nowMs());
      }
    };
  }

  /** For an event of a moment. */
  befalls(name: string): void {
    this.endedAtMs.set(name, this.nowMs());
  }

  /** Whether there was any since that moment. */
  since(name: string, atMs: number): boolean {
    return (this.open.get(name) ?? 0) > 0 || (this.endedAtMs.get(name) ?? -Infinity) >= atMs;
  }
}
