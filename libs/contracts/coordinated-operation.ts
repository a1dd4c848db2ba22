import { z } from 'zod';
import { causalStampSchema, frontiersSchema } from './causality.js';
import { agentFailureSchema } from './coordinate.js';
import { agentIdSchema } from './ids.js';
import { limits } from './limits.js';
import { selectorSchema } from './selector.js';

/**
 * Payload of a `coordinate` message: an operation that the agent is to run in the name of whoever asked. What it is to
 * come after stands in the stamp of the message.
 */
export const coordinatePayloadSchema = z.object({
  operation: z.literal('broadcast'),
  selector: selectorSchema.describe('Names the channel; `ids` has none, and moves no sequence.'),
  agents: z
    .array(agentIdSchema)
    .min(1)
    .max(limits.agentIdsMax)
    .describe('Those that the selector stood for when the operation began.'),
  payload: z.unknown().optional().describe('Handed to them as it is.'),
  delivery: z.enum(['at_most_once', 'acknowledged']),
});
export type CoordinatePayload = z.infer<typeof coordinatePayloadSchema>;

/** `data` of the answer to it. */
export const coordinateAnswerSchema = z.object({
  delivered: z.int().nonnegative().describe('Handed to the broker for an agent.'),
  acknowledged: z.int().nonnegative().optional().describe('With that delivery.'),
  failed: z.array(agentFailureSchema),
  missing: z.array(agentIdSchema).describe('Asked to acknowledge, and silent within the budget.'),
  causal: causalStampSchema.optional().describe('How the agent stamped the broadcast.'),
  frontiers: frontiersSchema.optional().describe('What whoever knows this answer knows of.'),
});
export type CoordinateAnswer = z.infer<typeof coordinateAnswerSchema>;
