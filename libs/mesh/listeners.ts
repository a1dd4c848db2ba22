/** Those who listen to a member: what one of them throws is counted, and keeps it from no other. */
export class Listeners<T> {
  private readonly listeners = new Set<(news: T) => void>();
  private faultCount = 0;

  /** @returns how to stop listening */
  add(listener: (news: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(news: T): void {
    for (const listener of this.listeners) {
      try {
        listener(news);
      } catch {
        this.faultCount += 1;
      }
    }
  }

  clear(): void {
    this.listeners.clear();
  }

  get faults(): number {
    return this.faultCount;
  }
}
