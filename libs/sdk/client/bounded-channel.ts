/** How a channel ended: with a last value, or with an error. */
type End<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: Error };

interface Waiter<T, R> {
  resolve(result: IteratorResult<T, R>): void;
  reject(error: unknown): void;
}

/** Values pushed on one side and pulled on the other, with a bounded number between. */
export class BoundedChannel<T, R> {
  private readonly buffer: T[] = [];
  private readonly waiters: Waiter<T, R>[] = [];
  private end: End<R> | undefined;

  constructor(private readonly bufferMax: number) {}

  get ended(): boolean {
    return this.end !== undefined;
  }

  /** Hands over a value; false when the channel is full or has ended. */
  push(value: T): boolean {
    if (this.end) return false;
    const waiter = this.waiters.shift();
    if (waiter) waiter.resolve({ done: false, value });
    else if (this.buffer.length < this.bufferMax) this.buffer.push(value);
    else return false;
    return true;
  }

  /** No more values; what is buffered can still be pulled. */
  finish(value: R): void {
    this.settle({ ok: true, value });
  }

  /** As `finish`, with an error at the end. */
  fail(error: Error): void {
    this.settle({ ok: false, error });
  }

  /** Forgets what is buffered. */
  clear(): void {
    this.buffer.length = 0;
  }

  pull(): Promise<IteratorResult<T, R>> {
    const value = this.buffer.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.end?.ok) return Promise.resolve({ done: true, value: this.end.value });
    if (this.end) return Promise.reject(this.end.error);
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  private settle(end: End<R>): void {
    if (this.end) return;
    this.end = end;
    for (const waiter of this.waiters.splice(0)) {
      if (end.ok) waiter.resolve({ done: true, value: end.value });
      else waiter.reject(end.error);
    }
  }
}
