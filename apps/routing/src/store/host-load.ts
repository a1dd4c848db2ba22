import { agentIdSchema, type AgentId, type HostHeartbeatRequest, type Load } from '@nexus/contracts';
import { z } from 'zod';

/** What a host said last: the load of its process, and which of its agents are not idle. */
export interface HostLoad {
  readonly cpu: number;
  readonly memory: number;
  /** For each agent that is not idle, what waits and what is under way. */
  readonly agents: Readonly<Record<string, readonly [queueDepth: number, active: number]>>;
}

const fraction = z.number().min(0).max(1);
const count = z.int().nonnegative();
const hostLoadSchema = z.object({
  cpu: fraction,
  memory: fraction,
  agents: z.record(agentIdSchema, z.tuple([count, count])),
});

/** As it is kept; an agent that is named twice counts as it was named last. */
export const hostLoadOf = ({ cpu, memory, agents }: HostHeartbeatRequest): HostLoad => ({
  cpu,
  memory,
  agents: Object.fromEntries(
    agents.map(({ agentId, queueDepth, active }) => [agentId, [queueDepth, active] as const]),
  ),
});

/** Reads what is kept; undefined for what we did not write. */
export function readHostLoad(stored: string | null | undefined): HostLoad | undefined {
  if (!stored) return undefined;
  const parsed = hostLoadSchema.safeParse(JSON.parse(stored));
  return parsed.success ? parsed.data : undefined;
}

/** The load of one agent of a host. */
export function hostedLoadOf({ cpu, memory, agents }: HostLoad, agentId: AgentId): Load {
  const [queueDepth, active] = (Object.hasOwn(agents, agentId) ? agents[agentId] : undefined) ?? [0, 0];
  return { cpu, memory, queueDepth, active };
}
