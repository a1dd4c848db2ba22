import { z } from 'zod';
import { goalTypes, layerSchema, statusSchema } from './coordinate.js';
import { agentIdSchema } from './ids.js';

const at = z.iso.datetime();
const agentEvent = z.object({ agentId: agentIdSchema, at });

/** What happened, on `nexus.events.<domain>.<event>`. */
export const events = {
  'agent.joined': agentEvent,
  'agent.suspected': agentEvent,
  'agent.recovered': agentEvent,
  'agent.left': agentEvent.extend({ reason: z.enum(['left', 'gone']) }),
  'coordination.completed': z.object({
    coordinationId: z.string(),
    type: z.enum(goalTypes),
    status: statusSchema,
    layer: layerSchema,
    durationMs: z.number(),
    agents: z.int().nonnegative(),
    traceId: z.string(),
    at,
  }),
} as const;

export type EventName = keyof typeof events;
export type EventBody<N extends EventName> = z.infer<(typeof events)[N]>;
