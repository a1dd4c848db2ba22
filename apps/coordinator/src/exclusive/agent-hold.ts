import { limits, NexusError } from '@nexus/contracts';
import { type AgentLeases } from '../coordination/agent-leases.js';
import { type Deadline } from '../coordination/deadline.js';
import { type DecisionLog } from '../decisions/decision-log.js';

export interface HoldOptions {
  readonly log: DecisionLog;
  /** Who holds: the coordination, so that no other request is ever the same holder. */
  readonly owner: string;
  readonly deadline: Deadline;
  /** Longest time to live, in milliseconds: so long agents stay taken by a coordinator that died. Default 15,000. */
  readonly ttlMsMax?: number;
}

interface HeldLease {
  readonly fencingToken: number;
  /** By our own steady clock, counted from before the request was sent, so that we give up before the log does. */
  readonly endsAtMs: number;
}

/** A lease outlives the deadline by this, for what has to be done after it, in milliseconds. */
const marginMs = 2_000;
const ttlMsMaxDefault = 15_000;
/** Longest that the reply waits for the leases to be given back, in milliseconds; they end by themselves later. */
const releaseMsMax = 2_000;

const resourceOf = (agentId: string) => `agent.${agentId}`;

/** Leases on the agents of one exclusive request, renewed as long as it runs. */
export class AgentHold implements AgentLeases {
  private readonly held = new Map<string, HeldLease>();
  /** Leases that were asked for, and may have been given without our hearing of it. */
  private readonly asked: string[] = [];
  private readonly ttlMs: number;
  private renewing: NodeJS.Timeout | undefined;

  private constructor(private readonly options: HoldOptions) {
    const { deadline, ttlMsMax = ttlMsMaxDefault } = options;
    const wantedMs = deadline.remainingMs + marginMs;
    this.ttlMs = Math.max(limits.leaseTtlMsMin, Math.min(wantedMs, ttlMsMax));
    if (wantedMs > ttlMsMax) {
      this.renewing = setInterval(() => this.renewAll(), ttlMsMax / 3).unref();
    }
  }

  /**
   * Takes a lease on each agent, one after the other in the order of their ids: of several requests that want the same
   * agents one always gets them all.
   * @throws NexusError `conflict` naming the first agent that another request holds; what the log fails with
   */
  static async acquire(agentIds: readonly string[], options: HoldOptions): Promise<AgentHold> {
    const hold = new AgentHold(options);
    try {
      for (const agentId of [...agentIds].sort()) await hold.take(agentId);
      return hold;
    } catch (error) {
      await hold.release();
      throw error;
    }
  }

  tokenOf(agentId: string): number {
    const lease = this.held.get(agentId);
    if (lease && performance.now() < lease.endsAtMs) return lease.fencingToken;
    throw new NexusError('conflict', `the lease on agent ${agentId} has run out`);
  }

  /** Gives back all that was taken. */
  async release(): Promise<void> {
    clearInterval(this.renewing);
    this.held.clear();
    const { log, owner } = this.options;
    await Promise.all(
      this.asked.map((agentId) =>
        log
          .propose(
            { type: 'lease.release', resource: resourceOf(agentId), owner },
            { timeoutMs: releaseMsMax },
          )
          // It is another's, or ends by itself.
          .catch(() => undefined),
      ),
    );
  }

  private async take(agentId: string): Promise<void> {
    const { log, owner, deadline } = this.options;
    const startedAtMs = performance.now();
    const resource = resourceOf(agentId);
    try {
      const { fencingToken } = await log.propose(
        { type: 'lease.acquire', resource, owner, ttlMs: this.ttlMs },
        { timeoutMs: Math.max(1, deadline.remainingMs / 2) },
      );
      if (fencingToken === undefined) throw new NexusError('internal', 'a lease came without its token');
      this.asked.push(agentId);
      this.held.set(agentId, { fencingToken, endsAtMs: startedAtMs + this.ttlMs });
    } catch (thrown) {
      const error = NexusError.from(thrown);
      if (error.code === 'conflict') throw taken(agentId, error);
      this.asked.push(agentId);
      throw error.code === 'unknown' ? nothingSent(agentId, error) : error;
    }
  }

  private renewAll(): void {
    for (const [agentId, lease] of this.held) void this.renew(agentId, lease);
  }

  /** One that could not be renewed is tried again in the next round, and unusable once it has run out. */
  private async renew(agentId: string, { fencingToken }: HeldLease): Promise<void> {
    const { log, owner } = this.options;
    const { ttlMs } = this;
    const startedAtMs = performance.now();
    const resource = resourceOf(agentId);
    try {
      await log.propose(
        { type: 'lease.renew', resource, owner, ttlMs, fencingToken },
        { timeoutMs: ttlMs / 3 },
      );
      if (this.held.has(agentId)) this.held.set(agentId, { fencingToken, endsAtMs: startedAtMs + ttlMs });
    } catch (thrown) {
      const { code } = NexusError.from(thrown);
      if (code === 'conflict' || code === 'not_found') this.held.delete(agentId);
    }
  }
}

/** Whether the lease was given is the log's affair: nothing was sent, and it is given back. */
const nothingSent = (agentId: string, cause: NexusError) =>
  new NexusError('unavailable', `the lease on agent ${agentId} could not be taken`, {
    retryAfterMs: 1_000,
    cause,
  });

const taken = (agentId: string, cause: NexusError) =>
  new NexusError('conflict', `agent ${agentId} is held by another exclusive request`, {
    details: [{ path: 'agents', message: agentId }],
    ...(cause.retryAfterMs !== undefined && { retryAfterMs: cause.retryAfterMs }),
    cause,
  });
