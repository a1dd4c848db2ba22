import { z } from 'zod';
import { agentIdSchema, capabilitySchema, groupSchema } from './ids.js';
import { limits } from './limits.js';

/** Which agents a request is for: exactly one of the four. */
export const selectorSchema = z
  .strictObject({
    ids: z.array(agentIdSchema).min(1).max(limits.agentIdsMax).optional().describe('These agents, by id.'),
    group: groupSchema.optional().describe('Every agent of this group.'),
    capability: capabilitySchema.optional().describe('Every agent with this capability.'),
    all: z.literal(true).optional().describe('Every registered agent.'),
  })
  .refine((selector) => Object.values(selector).filter((value) => value !== undefined).length === 1, {
    error: 'name exactly one of ids, group, capability, all',
  })
  .refine(({ ids }) => ids === undefined || new Set(ids).size === ids.length, {
    error: 'an agent is named twice',
    path: ['ids'],
  });
export type Selector = z.infer<typeof selectorSchema>;
