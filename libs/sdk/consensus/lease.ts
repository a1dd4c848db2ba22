import { randomUUID } from 'node:crypto';
import { limits, NexusError } from '@nexus/contracts';
import { backoffMs } from '../connection/backoff.js';
import { sleep } from '../client/retrying.js';
import { type DecisionLogClient } from './decision-log-client.js';

export interface LeaseOptions {
  /** Who holds it: 1 to 64 of `A-Z a-z 0-9 _ -`. Default: a random name, so that nobody else is the same holder. */
  readonly owner?: string;
  /**
   * How long it outlives its last renewal, in milliseconds. Default 10,000. Shorter frees it sooner after a crash, and
   * survives shorter outages.
   */
  readonly ttlMs?: number;
  /** How long to wait while another holds it, in milliseconds. Default 0: fails at once with `conflict`. */
  readonly waitMs?: number;
  /** Stops waiting for it. */
  readonly signal?: AbortSignal;
}

const ttlMsDefault = 10_000;
const waitBackoff = { baseMs: 100, capMs: 1_000 };
/** No proposal takes longer, however long the lease: what is lost on its way shows, and is tried again. */
const proposalMsMax = limits.proposalTimeoutMsDefault;
const releaseTimeoutMs = 2_000;
/** A renewal that failed is tried again after this share of the time to live. */
const renewalRetryShare = 1 / 12;

/**
 * A lease that is held: renewed at a third of its time to live, until it is released or lost. Its end is judged by this
 * process's own steady clock, counted from before the request was sent, so that the holder gives up before the log
 * does. A process that was paused past the end may still act before it looks: whatever must be safe against that is
 * given the `fencingToken`, and refuses an older one.
 */
export class Lease {
  readonly resource: string;
  readonly owner: string;
  /** Greater than every earlier one of this resource. */
  readonly fencingToken: number;
  private readonly ttlMs: number;
  private readonly lost = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private released = false;

  private constructor(
    private readonly log: Pick<DecisionLogClient, 'propose'>,
    held: { resource: string; owner: string; ttlMs: number; fencingToken: number },
    private endsAtMs: number,
  ) {
    this.resource = held.resource;
    this.owner = held.owner;
    this.ttlMs = held.ttlMs;
    this.fencingToken = held.fencingToken;
    this.renewIn(this.ttlMs / 3);
  }

  /**
   * Takes the lease.
   * @throws NexusError `conflict` when another holds it and goes on doing so; `unavailable`, `not_leader` or `unknown`
   * when the log does not answer: what it may have given then ends with its time to live
   */
  static async acquire(
    log: Pick<DecisionLogClient, 'propose'>,
    resource: string,
    options: LeaseOptions = {},
  ): Promise<Lease> {
    const { owner = `holder-${randomUUID()}`, ttlMs = ttlMsDefault, waitMs = 0, signal } = options;
    const giveUpAtMs = performance.now() + waitMs;
    for (let tries = 0; ; tries += 1) {
      const startedAtMs = performance.now();
      try {
        const { fencingToken } = await log.propose(
          { type: 'lease.acquire', resource, owner, ttlMs },
          { timeoutMs: Math.min(ttlMs, proposalMsMax), ...(signal && { signal }) },
        );
        if (fencingToken === undefined) throw new NexusError('internal', 'a lease came without its token');
        return new Lease(log, { resource, owner, ttlMs, fencingToken }, startedAtMs + ttlMs);
      } catch (thrown) {
        const error = NexusError.from(thrown);
        const pauseMs = backoffMs(waitBackoff, tries, 0);
        const late = performance.now() + pauseMs >= giveUpAtMs;
        if (error.code !== 'conflict' || late || signal?.aborted) throw error;
        await sleep(pauseMs, signal);
      }
    }
  }

  /** Aborts when the lease is lost, with a `NexusError` as the reason; not when it is released. */
  get signal(): AbortSignal {
    return this.lost.signal;
  }

  /** What is left of it unless it is renewed, in milliseconds; 0 once it is lost or released. */
  get remainingMs(): number {
    if (this.released || this.lost.signal.aborted) return 0;
    return Math.max(0, this.endsAtMs - performance.now());
  }

  get held(): boolean {
    return this.remainingMs > 0;
  }

  /** Gives it back. One that cannot be given back in time ends by itself. */
  async release(): Promise<void> {
    if (this.released) return;
    const held = this.held;
    this.released = true;
    clearTimeout(this.timer);
    if (!held) return;
    const { resource, owner, fencingToken } = this;
    await this.log
      .propose({ type: 'lease.release', resource, owner, fencingToken }, { timeoutMs: releaseTimeoutMs })
      .catch(() => undefined);
  }

  /** Looks at the clock no later than at the end. */
  private renewIn(ms: number): void {
    const waitMs = Math.min(ms, Math.max(0, this.endsAtMs - performance.now()));
    this.timer = setTimeout(() => void this.renew(), waitMs).unref();
  }

  private async renew(): Promise<void> {
    const startedAtMs = performance.now();
    const leftMs = this.endsAtMs - startedAtMs;
    if (leftMs <= 0) {
      this.lose(ranOut(this.resource));
      return;
    }
    const watchdog = setTimeout(() => this.lose(ranOut(this.resource)), leftMs).unref();
    try {
      const { resource, owner, ttlMs, fencingToken } = this;
      await this.log.propose(
        { type: 'lease.renew', resource, owner, ttlMs, fencingToken },
        { timeoutMs: Math.min(leftMs, proposalMsMax) },
      );
      this.endsAtMs = startedAtMs + ttlMs;
      this.renewIn(ttlMs / 3);
    } catch (thrown) {
      const error = NexusError.from(thrown);
      if (error.code === 'conflict' || error.code === 'not_found') this.lose(error);
      else this.renewIn(this.ttlMs * renewalRetryShare);
    } finally {
      clearTimeout(watchdog);
    }
    if (this.released || this.lost.signal.aborted) clearTimeout(this.timer);
  }

  private lose(reason: NexusError): void {
    if (!this.released) this.lost.abort(reason);
  }
}

const ranOut = (resource: string) =>
  new NexusError('conflict', `the lease of ${resource} ran out before it could be renewed`);
