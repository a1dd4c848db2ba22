import { Inject, Injectable } from '@nestjs/common';
import {
  type AgentId,
  NexusError,
  notInThisBuild,
  type RegisterReply,
  type RegisterRequest,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { NATS_PREFIX } from '@nexus/platform/nats';
import { RouteRegistry } from '../changes/route-registry.js';
import { LivenessTimes } from '../liveness/liveness-times.js';
import { hashToken, newToken } from './token.js';

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
   * @throws NexusError `conflict` when the id is in use under another token than the one shown, `unavailable` while
   * Redis does not answer, and for an agent host
   */
  async register(agentId: AgentId, request: RegisterRequest): Promise<RegisterReply> {
    const { token = newToken(), host, groups, capabilities, ...rest } = request;
    if (host !== undefined) {
      throw notInThisBuild('host', 'an agent host', 'register without "host"');
    }
    const registered = await this.registry.register({
      record: {
        agentId,
        groups: [...new Set(groups)],
        capabilities: [...new Set(capabilities)],
        ...rest,
        registeredAt: new Date().toISOString(),
      },
      tokenHash: hashToken(token),
    });
    if (registered.kind === 'taken') throw inUse(agentId, registered.freeInMs);
    const { heartbeatMs, ttlMs } = this.times;
    const inbox = subjectOf(this.prefix, subjects.agent, { agentId });
    return { token, ttlMs, heartbeatMs, inbox };
  }
}

function inUse(agentId: AgentId, freeInMs: number): NexusError {
  return new NexusError(
    'conflict',
    `${agentId} is in use: show its token, or wait; it is free after ${freeInMs} ms without a heartbeat`,
    { retryAfterMs: freeInMs },
  );
}
