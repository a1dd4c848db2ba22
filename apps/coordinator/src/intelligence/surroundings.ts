import { type Connection } from '@nexus/wire';

/** How often the surroundings are measured, in milliseconds. */
const everyMs = 1_000;
/** The weight of the latest measurement: the memory is a few of them. */
const recentWeight = 0.3;
const usPerMs = 1e3;

/** What goes on around the coordinations of this process, measured all the time, so that nobody waits for it. */
export class Surroundings {
  private rttMs = 0;
  private cpu = 0;
  private before = process.cpuUsage();
  private readAtMs = performance.now();
  private measuring = false;
  private readonly timer: NodeJS.Timeout;

  /** Begins at once. */
  constructor(private readonly connection: Connection) {
    this.timer = setInterval(() => this.measure(), everyMs).unref();
    this.measure();
  }

  /** What a message to the broker and back has taken of late, in milliseconds. */
  get latencyMs(): number {
    return this.rttMs;
  }

  /** The share of a core that this process uses, 0 to 1. */
  get load(): number {
    return this.cpu;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private measure(): void {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.before);
    const tookMs = nowMs - this.readAtMs;
    if (tookMs > 0) this.cpu += recentWeight * (Math.min(1, (user + system) / usPerMs / tookMs) - this.cpu);
    this.before = process.cpuUsage();
    this.readAtMs = nowMs;
    void this.measureRoundTrip();
  }

  /** One at a time: while the broker is away none comes back. */
  private async measureRoundTrip(): Promise<void> {
    if (this.measuring || !this.connection.connected) return;
    this.measuring = true;
    try {
      const rttMs = await this.connection.nats.rtt();
      this.rttMs = this.rttMs === 0 ? rttMs : this.rttMs + recentWeight * (rttMs - this.rttMs);
    } catch {
      // Cut off meanwhile: what was measured last stands.
    } finally {
      this.measuring = false;
    }
  }
}
