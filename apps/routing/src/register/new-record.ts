import { type AgentId, type HostedAgent, type RegisterRequest } from '@nexus/contracts';
import { type RouteRecord } from '../store/route-record.js';

type Said = HostedAgent & Pick<RegisterRequest, 'host' | 'groupSubjects' | 'encoding'>;

/**
 * What is kept of what an agent says of itself. The instant stands last, so that whoever says the same once more is known
 * by all that stands before it.
 */
export function newRecord(said: Said & { readonly agentId: AgentId }, now: Date): RouteRecord {
  const { agentId, groups, capabilities, ...rest } = said;
  return {
    agentId,
    groups: [...new Set(groups)],
    capabilities: [...new Set(capabilities)],
    ...rest,
    // A host hears its groups: it could not keep a thousand agents with a subject each.
    ...(rest.host !== undefined && { groupSubjects: true }),
    registeredAt: now.toISOString(),
  };
}
