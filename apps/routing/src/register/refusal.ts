import { type AgentId, limits, NexusError } from '@nexus/contracts';
import { type Joined, type Refused } from '../store/route-store.js';

/** Why an agent's message was not taken. */
export const refusal = (agentId: AgentId, { kind }: Refused): NexusError =>
  kind === 'unknown'
    ? new NexusError('not_found', `${agentId} is not registered (any more): register it again`)
    : new NexusError('unauthorized', `that is not the token of ${agentId}`);

/** Why a host's message was not taken. */
export const hostRefusal = (hostId: string, { kind }: Refused): NexusError =>
  kind === 'unknown'
    ? new NexusError(
        'not_found',
        `no agent of the host ${hostId} is registered (any more): register them again`,
      )
    : new NexusError('unauthorized', `that is not the token of the host ${hostId}`);

/** Why an agent did not join; undefined for one that did. */
export function refusalToJoin(agentId: AgentId, joined: Joined): NexusError | undefined {
  if (joined.kind === 'taken') return inUse(agentId, joined.freeInMs);
  if (joined.kind !== 'full') return undefined;
  return new NexusError('invalid_argument', `a host has at most ${limits.hostAgentsMax} agents`);
}

/** Another process has a host of that name. */
export const hostInUse = (hostId: string, freeInMs: number): NexusError =>
  inUse(`the host ${hostId}`, freeInMs);

const inUse = (who: string, freeInMs: number): NexusError =>
  new NexusError(
    'conflict',
    `${who} is in use: show its token, or wait; it is free after ${freeInMs} ms without a heartbeat`,
    { retryAfterMs: freeInMs },
  );
