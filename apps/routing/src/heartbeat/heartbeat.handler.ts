import { Injectable } from '@nestjs/common';
import { type AgentId, type HeartbeatRequest } from '@nexus/contracts';
import { tokenHashOf } from '@nexus/wire';
import { refusal } from '../register/refusal.js';
import { HeartbeatBatches } from './heartbeat-batches.js';

/** Takes a sign of life, and the load with it. */
@Injectable()
export class HeartbeatHandler {
  constructor(private readonly batches: HeartbeatBatches) {}

  /**
   * @throws NexusError `not_found` when the agent has to register again, `unauthorized` for a wrong token,
   * `unavailable` while Redis does not answer
   */
  async heartbeat(agentId: AgentId, { token, ...load }: HeartbeatRequest): Promise<Record<string, never>> {
    const heard = await this.batches.take({ agentId, tokenHash: tokenHashOf(token), load });
    if (heard.kind === 'unknown' || heard.kind === 'wrong_token') throw refusal(agentId, heard);
    return {};
  }
}
