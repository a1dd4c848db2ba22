import { limits, NexusError } from '@nexus/contracts';
import { type AgentLeases } from '../coordination/agent-leases.js';
import { type DecisionLog } from '../decisions/decision-log.js';
import { type Targets } from '../fleet/fleet.js';
import { AgentHold, type HoldOptions } from './agent-hold.js';

export interface ExclusiveWork<T> extends Pick<HoldOptions, 'owner' | 'deadline'> {
  readonly targets: Pick<Targets, 'agents'>;
  readonly run: (leases: AgentLeases) => Promise<T>;
}

/**
 * Keeps exclusive requests out of each other's way: each holds a lease on every agent that it is for before anything is
 * sent. Other requests go their way, to leased agents too: who needs to be alone says so on both sides.
 */
export class ExclusiveAgents {
  constructor(private readonly log: DecisionLog) {}

  /**
   * Runs with a lease on each target, and gives them back in every outcome.
   * @throws NexusError `conflict` when another exclusive request holds one of the agents; `invalid_argument` for too
   * many agents; `unavailable` or `not_leader` when the log does not answer; and what `run` throws
   */
  async during<T>({ targets, run, owner, deadline }: ExclusiveWork<T>): Promise<T> {
    const agentIds = targets.agents.map(({ agentId }) => agentId);
    if (agentIds.length > limits.exclusiveAgentsMax) throw tooMany(agentIds.length);
    const hold = await AgentHold.acquire(agentIds, { log: this.log, owner, deadline });
    try {
      return await run(hold);
    } finally {
      await hold.release();
    }
  }
}

const tooMany = (agents: number) =>
  new NexusError(
    'invalid_argument',
    `exclusive: for at most ${limits.exclusiveAgentsMax} agents, not ${agents}`,
    { details: [{ path: 'exclusive', message: `name at most ${limits.exclusiveAgentsMax} agents` }] },
  );
