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
  private held = false;
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
    const { activeMax, waitingMax } = this.bounds;
    if (this.running + this.queue.length >= activeMax + waitingMax) return false;
    this.queue.push(item);
    this.startWaiting();
    return true;
  }

  /** Takes the item in beyond the bounds: whoever calls this has kept room for it. */
  admit(item: T): void {
    this.queue.push(item);
    this.startWaiting();
  }

  /** Starts nothing more until it is released; as much is taken in as before. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    this.startWaiting();
  }

  /** Removes and returns what waits: all of it, or those items. */
  takeWaiting(wanted: (item: T) => boolean = () => true): T[] {
    const waiting = this.queue.splice(0);
    this.queue.push(...waiting.filter((item) => !wanted(item)));
    return waiting.filter(wanted);
  }

  /** Resolves once nothing runs and, unless it is held, nothing waits. */
  async whenIdle(): Promise<void> {
    if (this.running === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private startWaiting(): void {
    while (!this.held && this.running < this.bounds.activeMax) {
      const item = this.queue.shift();
      if (item === undefined) return;
      this.running += 1;
      void this.run(item).finally(() => this.end());
    }
  }

  private end(): void {
    this.running -= 1;
    this.startWaiting();
    if (this.running === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}
