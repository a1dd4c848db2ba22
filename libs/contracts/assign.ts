import { z } from 'zod';
import { algorithmSchema } from './coordinate.js';
import { agentIdSchema } from './ids.js';
import { limits } from './limits.js';
import { selectorSchema } from './selector.js';

export const assignRequestSchema = z.strictObject({
  agents: selectorSchema,
  count: z.int().min(1).max(limits.loadBalanceRequestsMax).default(1),
  algorithm: algorithmSchema.default('round_robin'),
});
export type AssignRequest = z.infer<typeof assignRequestSchema>;

export const assignReplySchema = z.object({
  assignments: z.array(agentIdSchema).describe('One agent a unit of work, in order.'),
});
export type AssignReply = z.infer<typeof assignReplySchema>;
