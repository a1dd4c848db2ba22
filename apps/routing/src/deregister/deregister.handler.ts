import { Injectable } from '@nestjs/common';
import { type AgentId, type DeregisterRequest } from '@nexus/contracts';
import { tokenHashOf } from '@nexus/wire';
import { RouteRegistry } from '../changes/route-registry.js';
import { refusal } from '../register/refusal.js';

/** Lets an agent leave. */
@Injectable()
export class DeregisterHandler {
  constructor(private readonly registry: RouteRegistry) {}

  /** @throws NexusError `not_found`, `unauthorized` for a wrong token, `unavailable` while Redis does not answer */
  async deregister(agentId: AgentId, { token }: DeregisterRequest): Promise<Record<string, never>> {
    const left = await this.registry.deregister(agentId, tokenHashOf(token));
    if (left.kind !== 'left') throw refusal(agentId, left);
    return {};
  }
}
