import { Logger } from '@nestjs/common';
import { type Fence, NexusError } from '@nexus/contracts';
import { type DecisionLog } from '../decisions/decision-log.js';

export interface OfficeOptions {
  readonly log: Pick<DecisionLog, 'propose'>;
  /** The election that gives it. */
  readonly election: string;
  /** Who stands: this life of the process, so that a later one is another candidate. */
  readonly candidate: string;
  /** How long a candidacy lasts that is not repeated, in milliseconds. */
  readonly ttlMs: number;
}

/** Shorter than the patience of whoever waits for the process to end, in milliseconds. */
const resignTimeoutMs = 1_000;

/**
 * Stands for an office, always, and knows when it holds it. Whether it still does is judged by this process's own steady
 * clock, from before it asked; and because a process that was paused can still act before it looks at the clock, what it
 * does in office carries the fence.
 */
export class Office {
  private readonly logger = new Logger('Office');
  private tenure: { readonly fence: Fence; readonly endsAtMs: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private campaigning: Promise<void> = Promise.resolve();
  private readonly ending = new AbortController();

  constructor(private readonly options: OfficeOptions) {}

  /** What acts in office must carry; undefined while another holds it, or nobody knows. */
  get fence(): Fence | undefined {
    const { tenure } = this;
    return tenure && performance.now() < tenure.endsAtMs ? tenure.fence : undefined;
  }

  start(): void {
    this.campaignIn(0);
  }

  /** Whoever refused the fence knows better: another holds the office. */
  lose(fence: Fence): void {
    if (this.tenure?.fence === fence) this.tenure = undefined;
  }

  /** Leaves it to the next who waits; a log that does not hear it lets it end by itself. */
  async resign(): Promise<void> {
    this.ending.abort();
    clearTimeout(this.timer);
    await this.campaigning;
    this.tenure = undefined;
    const { log, election, candidate } = this.options;
    await log
      .propose({ type: 'resign', election, candidate }, { timeoutMs: resignTimeoutMs })
      .catch(() => undefined);
  }

  private campaignIn(ms: number): void {
    // The connection keeps the process up, not an office.
    this.timer = setTimeout(() => {
      this.campaigning = this.campaign();
    }, ms).unref();
  }

  /** Again and again at a third of the time to live: two of three may be lost. */
  private async campaign(): Promise<void> {
    const { log, election, candidate, ttlMs } = this.options;
    const startedAtMs = performance.now();
    try {
      const { value, fencingToken } = await log.propose(
        { type: 'campaign', election, candidate, ttlMs },
        { timeoutMs: ttlMs / 3, signal: this.ending.signal },
      );
      this.settle(value === candidate ? fencingToken : undefined, startedAtMs + ttlMs);
    } catch (thrown) {
      // The office that we hold ends by the clock; there is nothing to be done about it.
      this.logger.debug(`no campaign for ${election}: ${NexusError.from(thrown).message}`);
    }
    const restMs = ttlMs / 3 - (performance.now() - startedAtMs);
    if (!this.ending.signal.aborted) this.campaignIn(Math.max(ttlMs / 12, restMs));
  }

  private settle(token: number | undefined, endsAtMs: number): void {
    const { election, candidate } = this.options;
    const before = this.tenure?.fence;
    if (token === undefined) {
      if (before) this.logger.log(`${candidate} has lost the office ${election}`);
      this.tenure = undefined;
      return;
    }
    if (before?.token !== token) this.logger.log(`${candidate} holds the office ${election}, token ${token}`);
    this.tenure = {
      fence: before?.token === token ? before : { resource: election, token },
      endsAtMs,
    };
  }
}
