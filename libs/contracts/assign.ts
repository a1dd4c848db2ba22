import { z } from 'zod';
import { algorithmSchema } from './coordinate.js';
import { agentIdSchema, nodeIdSchema } from './ids.js';
import { limits } from './limits.js';
import { selectorSchema } from './selector.js';

export const assignRequestSchema = z
  .strictObject({
    agents: selectorSchema,
    count: z.int().min(1).max(limits.loadBalanceRequestsMax).default(1),
    algorithm: algorithmSchema.default('round_robin'),
    affinities: z
      .array(z.string().min(1).max(limits.affinityCharsMax))
      .max(limits.loadBalanceRequestsMax)
      .optional()
      .describe('With `consistent_hash`: the key of each unit of work, as many as `count`.'),
    node: nodeIdSchema
      .optional()
      .describe(
        'Prefers agents of this machine while they are not clearly busier. Round robin and affinity go before.',
      ),
  })
  .refine(({ affinities, count }) => affinities === undefined || affinities.length === count, {
    error: 'must be as many as `count`',
    path: ['affinities'],
  })
  .refine(({ affinities, algorithm }) => algorithm !== 'consistent_hash' || affinities !== undefined, {
    error: 'are what `consistent_hash` chooses by',
    path: ['affinities'],
  });
export type AssignRequest = z.infer<typeof assignRequestSchema>;

export const assignReplySchema = z.object({
  assignments: z.array(agentIdSchema).describe('One agent a unit of work, in order.'),
});
export type AssignReply = z.infer<typeof assignReplySchema>;
