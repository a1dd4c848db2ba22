import { NexusError } from '@nexus/contracts';

const backoffMsMin = 50;
const backoffMsMax = 5_000;

/**
 * Runs a load when asked, one at a time, and again after a growing, jittered wait until it succeeds. Asking while one
 * runs makes one more follow it: that one may have begun before the reason to ask.
 */
export class ReloadLoop {
  private running: Promise<void> | undefined;
  private again = false;
  private failures = 0;
  private lastFailure: NexusError | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly load: () => Promise<void>) {}

  /** Whether a load is under way. */
  get busy(): boolean {
    return this.running !== undefined;
  }

  /** What the last load failed with; undefined once one has succeeded. */
  get failure(): NexusError | undefined {
    return this.lastFailure;
  }

  /** Starts a load now; while one runs, one more after it; while one waits after a failure, nothing. */
  request(): void {
    if (this.running) this.again = true;
    // A failure is kept, and followed by another attempt.
    else if (!this.timer && !this.stopped) void this.start().catch(() => undefined);
  }

  /** As `request`, and does not wait out the pause after a failure: the world has changed. */
  requestNow(): void {
    this.cancelWait();
    this.request();
  }

  /** Starts a load after a short wait. */
  requestSoon(): void {
    if (!this.stopped) this.timer ??= setTimeout(() => this.afterWait(), jittered(backoffMsMin * 4));
  }

  /** Runs a load that begins after this call, together with everybody else who asks meanwhile; rejects as it does. */
  async now(): Promise<void> {
    if (this.stopped) throw new NexusError('unavailable', 'the service is stopping');
    // Whatever became of the one under way, it began too early to count.
    await this.running?.catch(() => undefined);
    await (this.running ?? this.start());
  }

  stop(): void {
    this.stopped = true;
    this.cancelWait();
  }

  private start(): Promise<void> {
    this.cancelWait();
    this.again = false;
    this.running = this.load().finally(() => (this.running = undefined));
    return this.running.then(
      () => this.succeeded(),
      (error: unknown) => this.failed(error),
    );
  }

  private succeeded(): void {
    this.failures = 0;
    this.lastFailure = undefined;
    if (this.again) this.request();
  }

  private failed(error: unknown): never {
    this.failures += 1;
    this.lastFailure = NexusError.from(error);
    if (!this.stopped) {
      const cap = Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(this.failures, 10));
      this.timer ??= setTimeout(() => this.afterWait(), jittered(cap));
    }
    throw error;
  }

  private cancelWait(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private afterWait(): void {
    this.timer = undefined;
    this.request();
  }
}

const jittered = (capMs: number) => backoffMsMin + Math.random() * (capMs - backoffMsMin);
