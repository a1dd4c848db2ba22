export interface WorkQueueBounds {
  /** Most items worked on at once. */
  readonly activeMax: number;
  /** Most items waiting for their turn. */
  readonly waitingMax: number;
}

/** First come, first served, a bounded number at a time and a bounded number waiting; the rest is turned away. */
export class WorkQueue<T> {
  private readonly queue: T[] = [];
  private running = 0;
  private idle: (() => void)[] = [];

  /** @param run works on one item; it reports its own failures and must not reject */
  constructor(
    private readonly bounds: WorkQueueBounds,
    private readonly run: (item: T) => Promise<void>,
  ) {}

  get active(): number {
    return this.running;
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Takes the item in, or says that there is no room. */
  offer(item: T): boolean {
    if (this.running < this.bounds.activeMax) {
      this.start(item);
      return true;
    }
    if (this.queue.length >= this.bounds.waitingMax) return false;
    this.queue.push(item);
    return true;
  }

  /** Removes and returns everything that waits. */
  takeWaiting(): T[] {
    return this.queue.splice(0);
  }

  /** Resolves once nothing runs and nothing waits. */
  async whenIdle(): Promise<void> {
    if (this.running === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private start(item: T): void {
    this.running += 1;
    void this.run(item).finally(() => this.next());
  }

  private next(): void {
    this.running -= 1;
    const item = this.queue.shift();
    if (item !== undefined) this.start(item);
    else if (this.running === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}
