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
  private starting = false;
  private idle: (() => void)[] = [];

  /**
   * @param run works on one item; undefined: it is done. It reports its own failures and must neither throw nor reject
   */
  constructor(
    private readonly bounds: WorkQueueBounds,
    private readonly run: (item: T) => Promise<void> | undefined,
  ) {}

  get active(): number {
    return this.running;
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Whether there is no room for one more. */
  get full(): boolean {
    const { activeMax, waitingMax } = this.bounds;
    return this.running + this.queue.length >= activeMax + waitingMax;
  }

  /** Takes the item in, or says that there is no room. */
  offer(item: T): boolean {
    if (this.full) return false;
    this.admit(item);
    return true;
  }

  /** Takes the item in, also beyond the bounds: whoever calls this has seen, or kept, room for it. */
  admit(item: T): void {
    const { running, queue, held, starting } = this;
    if (held || starting || queue.length > 0 || running >= this.bounds.activeMax) {
      queue.push(item);
      this.startWaiting();
      return;
    }
    // Nothing waits before it. What it brings in itself has its turn after it, rather than within it.
    this.starting = true;
    this.start(item);
    this.starting = false;
    if (queue.length > 0 || this.idle.length > 0) this.startWaiting();
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

  /** What an item that is done at once brings in has its turn here too, rather than deeper and deeper within it. */
  private startWaiting(): void {
    if (this.starting) return;
    this.starting = true;
    while (!this.held && this.running < this.bounds.activeMax) {
      const item = this.queue.shift();
      if (item === undefined) break;
      this.start(item);
    }
    this.starting = false;
    if (this.running === 0 && this.idle.length > 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  private start(item: T): void {
    this.running += 1;
    const running = this.run(item);
    if (running) void running.finally(() => this.end());
    else this.running -= 1;
  }

  private end(): void {
    this.running -= 1;
    this.startWaiting();
  }
}
