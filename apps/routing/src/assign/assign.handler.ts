import { Injectable } from '@nestjs/common';
import {
  type AgentId,
  type AssignReply,
  type AssignRequest,
  NexusError,
  notInThisBuild,
} from '@nexus/contracts';
import { roundRobin, targetSetKey } from '@nexus/core/balancing';
import { assignable } from '@nexus/core/route-table';
import { RedisRoundRobinCounter } from '@nexus/platform/redis';
import { RouteFollower, targetSetOf } from '@nexus/platform/routes';
import { heldTable } from '../store/held-table.js';

/** Picks agents for work that somebody else sends. */
@Injectable()
export class AssignHandler {
  constructor(
    private readonly follower: RouteFollower,
    private readonly counter: RedisRoundRobinCounter,
  ) {}

  /**
   * @throws NexusError `not_found` when the selector names no agent; `unavailable` while Redis does not answer, and for
   * an algorithm whose layer does not run
   */
  async assign({ agents: selector, count, algorithm }: AssignRequest): Promise<AssignReply> {
    if (algorithm !== 'round_robin') {
      throw notInThisBuild('algorithm', `algorithm ${algorithm}`, 'use round_robin');
    }
    const targets = targetSetOf(selector);
    const { agents } = (await heldTable(this.follower)).resolve(targets);
    const candidates = assignable(agents).map(({ agentId }) => agentId);
    if (candidates.length === 0) throw new NexusError('not_found', 'agents: no such agent is registered');
    const first = await this.counter.take(targetSetKey(targets), count);
    return { assignments: roundRobin(candidates, first, count) as AgentId[] };
  }
}
