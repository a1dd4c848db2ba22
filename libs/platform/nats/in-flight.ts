/** Counts work under way, within a bound, so that a service can refuse what is too much and wait for what it took. */
export class InFlight {
  private count = 0;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly max: number) {}

  get size(): number {
    return this.count;
  }

  /** Takes a place; false when all are taken. */
  enter(): boolean {
    if (this.count >= this.max) return false;
    this.count += 1;
    return true;
  }

  /** Gives a place back. */
  leave(): void {
    this.count -= 1;
    if (this.count > 0) return;
    for (const wake of this.idleWaiters.splice(0)) wake();
  }

  /** Resolves true once nothing is under way, or false after `withinMs`. */
  async whenIdle(withinMs: number): Promise<boolean> {
    if (this.count === 0) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.idleWaiters.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
