import { type AgentId, NexusError } from '@nexus/contracts';
import { type Refused } from '../store/route-store.js';

/** Why an agent's message was not taken. */
export const refusal = (agentId: AgentId, { kind }: Refused): NexusError =>
  kind === 'unknown'
    ? new NexusError('not_found', `${agentId} is not registered (any more): register it again`)
    : new NexusError('unauthorized', `that is not the token of ${agentId}`);
