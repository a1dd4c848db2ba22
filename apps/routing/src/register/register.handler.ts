import { Inject, Injectable } from '@nestjs/common';
import {
  type AgentId,
  type RegisterReply,
  type RegisterRequest,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { NATS_PREFIX } from '@nexus/platform/nats';
import { tokenHashOf } from '@nexus/wire';
import { RouteRegistry } from '../changes/route-registry.js';
import { LivenessTimes } from '../liveness/liveness-times.js';
import { newRecord } from './new-record.js';
import { hostInUse, refusalToJoin } from './refusal.js';
import { newToken } from './token.js';

/**
 * Lets an agent join, or replace its own registration. An agent that shows a token of its own making from the first
 * time on is known when it repeats a registration whose answer was lost.
 */
@Injectable()
export class RegisterHandler {
  constructor(
    private readonly registry: RouteRegistry,
    private readonly times: LivenessTimes,
    @Inject(NATS_PREFIX) private readonly prefix: string,
  ) {}

  /**
   * @throws NexusError `conflict` when the id, or the host, is in use under another token than the one shown,
   * `unavailable` while Redis does not answer
   */
  async register(agentId: AgentId, request: RegisterRequest): Promise<RegisterReply> {
    const { token = newToken(), ...said } = request;
    const { host } = said;
    const registered = await this.registry.register({
      host,
      records: [newRecord({ agentId, ...said }, new Date())],
      tokenHash: tokenHashOf(token),
    });
    if (registered.kind === 'host_taken') throw hostInUse(host ?? '', registered.freeInMs);
    const [joined] = registered.agents;
    const refused = joined && refusalToJoin(agentId, joined);
    if (refused) throw refused;
    const { heartbeatMs, ttlMs } = this.times;
    const inbox =
      host === undefined
        ? subjectOf(this.prefix, subjects.agent, { agentId })
        : subjectOf(this.prefix, subjects.hostedAgent, { hostId: host, agentId });
    return { token, ttlMs, heartbeatMs, inbox };
  }
}
