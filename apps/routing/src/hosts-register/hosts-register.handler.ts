import { Inject, Injectable } from '@nestjs/common';
import {
  type AgentId,
  type HostRegisterReply,
  type HostRegisterRequest,
  type NexusError,
  type NodeId,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { NATS_PREFIX } from '@nexus/platform/nats';
import { tokenHashOf } from '@nexus/wire';
import { RouteRegistry } from '../changes/route-registry.js';
import { LivenessTimes } from '../liveness/liveness-times.js';
import { newRecord } from '../register/new-record.js';
import { hostInUse, refusalToJoin } from '../register/refusal.js';
import { batches } from '../store/batches.js';

/** Lets many agents of one process join, each for itself. */
@Injectable()
export class HostsRegisterHandler {
  constructor(
    private readonly registry: RouteRegistry,
    private readonly times: LivenessTimes,
    @Inject(NATS_PREFIX) private readonly prefix: string,
  ) {}

  /**
   * @throws NexusError `conflict` when the host is in use under another token than the one shown, `unavailable` while
   * Redis does not answer; some of the agents may have joined by then, and join again when the request is repeated
   */
  async register(hostId: NodeId, request: HostRegisterRequest): Promise<HostRegisterReply> {
    const { token, agents, encoding } = request;
    const tokenHash = tokenHashOf(token);
    const now = new Date();
    const refused: HostRegisterReply['refused'] = [];
    for (const batch of batches(agents)) {
      const records = batch.map((agent) =>
        newRecord({ ...agent, host: hostId, ...(encoding && { encoding }) }, now),
      );
      const registered = await this.registry.register({ host: hostId, records, tokenHash });
      if (registered.kind === 'host_taken') throw hostInUse(hostId, registered.freeInMs);
      registered.agents.forEach((joined, index) => {
        const { agentId } = batch[index]!;
        const error = refusalToJoin(agentId, joined);
        if (error) refused.push(told(agentId, error));
      });
    }
    const { ttlMs, heartbeatMs } = this.times;
    return { ttlMs, heartbeatMs, inbox: subjectOf(this.prefix, subjects.host, { hostId }), refused };
  }
}

const told = (agentId: AgentId, { code, message }: NexusError) => ({ agentId, code, message });
