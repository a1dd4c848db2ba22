import { Injectable } from '@nestjs/common';
import { type AgentId, type HostDeregisterRequest, type NodeId } from '@nexus/contracts';
import { tokenHashOf } from '@nexus/wire';
import { RouteRegistry } from '../changes/route-registry.js';
import { hostRefusal } from '../register/refusal.js';
import { batches } from '../store/batches.js';
import { batchMax } from '../store/route-store.js';

/** Lets agents of a host leave, or all of them. */
@Injectable()
export class HostsDeregisterHandler {
  constructor(private readonly registry: RouteRegistry) {}

  /**
   * Agents that are not of the host are passed over.
   * @throws NexusError `not_found` when none of the host is registered, `unauthorized` for a wrong token, `unavailable`
   * while Redis does not answer
   */
  async deregister(hostId: NodeId, request: HostDeregisterRequest): Promise<Record<string, never>> {
    const tokenHash = tokenHashOf(request.token);
    if (request.agents) await this.leave(hostId, tokenHash, request.agents);
    else await this.leaveAll(hostId, tokenHash);
    return {};
  }

  private async leave(host: NodeId, tokenHash: string, agentIds: readonly AgentId[]): Promise<void> {
    for (const [index, batch] of [...batches(agentIds)].entries()) {
      const left = await this.registry.hostDeregister({ host, tokenHash, agentIds: batch });
      // The last agent that left took the host with it.
      if (left.kind !== 'left' && index > 0) return;
      if (left.kind !== 'left') throw hostRefusal(host, left);
    }
  }

  private async leaveAll(host: NodeId, tokenHash: string): Promise<void> {
    for (let first = true; ; first = false) {
      const left = await this.registry.hostDeregister({ host, tokenHash, agentIds: [] });
      if (left.kind !== 'left' && first) throw hostRefusal(host, left);
      if (left.kind !== 'left' || left.deltas.length < batchMax) return;
    }
  }
}
