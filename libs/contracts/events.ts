import { z } from 'zod';
import { changeSchema, membershipSchema, replicaIdSchema } from './consensus.js';
import { goalTypes, layerSchema, statusSchema, strategySchema } from './coordinate.js';
import { fleetCensusSchema } from './fleet-census.js';
import { memberEventSchema, sharedKeySchema } from './gossip.js';
import { agentIdSchema } from './ids.js';
import { anomalySchema, modelChangeSchema } from './intelligence.js';

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
    strategy: strategySchema,
    durationMs: z.number(),
    agents: z.int().nonnegative(),
    traceId: z.string(),
    at,
  }),
  'anomaly.detected': anomalySchema,
  'anomaly.cleared': anomalySchema,
  'drift.detected': z.object({
    type: z.enum(goalTypes),
    direction: z.enum(['up', 'down']).describe('Of the durations, as compared with what is predicted.'),
    at,
  }),
  'fleet.counted': fleetCensusSchema,
  'leader.changed': z.object({
    leader: replicaIdSchema.nullable().describe('The replica that leads the decision log.'),
    term: z.int().nonnegative(),
    at,
  }),
  'member.joined': memberEventSchema,
  'member.suspected': memberEventSchema,
  'member.recovered': memberEventSchema,
  'member.left': memberEventSchema.extend({ reason: z.enum(['left', 'dead']) }),
  'model.promoted': modelChangeSchema,
  'model.rolled_back': modelChangeSchema,
  'gossip.conflict': sharedKeySchema.extend({ at }),
  'gossip.resolved': sharedKeySchema.extend({ at }),
  'members.changed': z.object({ index: z.int().nonnegative(), members: membershipSchema, at }),
  'consensus.changed': z.object({
    previousIndex: z
      .int()
      .nonnegative()
      .describe('The last change of the event before this one: a watcher that does not know it missed some.'),
    changes: z.array(changeSchema).min(1),
    at,
  }),
} as const;

export type EventName = keyof typeof events;
export type EventBody<N extends EventName> = z.infer<(typeof events)[N]>;
