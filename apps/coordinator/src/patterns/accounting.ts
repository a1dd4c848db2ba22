import { type AgentFailure, type AgentId, type ErrorCode, type Status } from '@nexus/contracts';
import { type AgentRoster, type Coordination } from '../coordination/coordination.js';

/** Failed and missing agents of a roster, with those that were asked for by id and do not exist. */
export function shortfall(
  roster: AgentRoster,
  coordination: Coordination,
): { failed: AgentFailure[]; missing: AgentId[] } {
  const unknown = coordination.targets.unknown.map((agentId) => ({
    agentId: agentId as AgentId,
    code: 'not_found' as const,
    message: 'no such agent is registered',
  }));
  const failed = roster.failed().map(({ agentId, code, message }) => ({
    agentId: agentId as AgentId,
    code: code as ErrorCode,
    message,
  }));
  return { failed: [...failed, ...unknown], missing: roster.missing() as AgentId[] };
}

/** `complete` when all did their part, `failed` when fewer than `atLeast` did, else `partial`. */
export function statusOf(counts: { done: number; of: number; atLeast?: number }): Status {
  if (counts.done < (counts.atLeast ?? 1)) return 'failed';
  return counts.done === counts.of ? 'complete' : 'partial';
}
