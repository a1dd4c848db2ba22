import { assign } from '@nexus/balancer';
import { type AgentId, type AssignReply, type AssignRequest, NexusError } from '@nexus/contracts';
import { targetSetKey } from '@nexus/core/balancing';
import { targetSetOf } from '@nexus/routes';
import { Deadline } from '../coordination/deadline.js';
import { type CoordinationMetrics } from '../metrics/coordination-metrics.js';
import { type BalancedWorkParts } from '../performance/balanced-plan.js';

/** How long an assignment may wait for the route table, in milliseconds. */
const patienceMs = 2_000;

/** Picks agents for work that somebody else sends: by what is measured here of the work that Nexus sends. */
export class AssignHandler {
  constructor(
    private readonly parts: BalancedWorkParts,
    private readonly metrics: Pick<CoordinationMetrics, 'assigned'>,
  ) {}

  /**
   * @throws NexusError `not_found` when the selector names no agent, `overloaded` when none has room, `unavailable`
   * before the first route table has arrived
   */
  async assign(request: AssignRequest): Promise<AssignReply> {
    const { agents: selector, count, algorithm, affinities = [], node } = request;
    const { fleet, loads, chooser, numbers, now } = this.parts;
    const { agents } = await fleet.resolve(selector, new Deadline(patienceMs));
    if (agents.length === 0) throw new NexusError('not_found', 'agents: no such agent is registered');
    const targets = targetSetOf(selector);
    const taken = algorithm === 'round_robin' ? await numbers.take(targetSetKey(targets), count) : undefined;
    const selection = loads.select(targets);
    try {
      const assignments = assign({
        ...{ loads, chooser, selection, count, now },
        wishOf: (index) => ({
          ...{ algorithm, node, affinity: affinities[index] },
          number: taken && taken.first + index,
        }),
      });
      this.metrics.assigned(algorithm, assignments);
      return { assignments: assignments as AgentId[] };
    } finally {
      loads.release(selection);
    }
  }
}
