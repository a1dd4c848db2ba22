import { z } from 'zod';
import { agentAnswerSchema } from './agent-message.js';
import { agentFailureSchema } from './coordinate.js';
import { agentIdSchema } from './ids.js';
import { limits } from './limits.js';
import { aggregateStateSchema } from './relay.js';

const ids = z.array(agentIdSchema).max(limits.relayTargetsMax);

/**
 * What a relay sends back. One order may be answered by several of these, and no agent stands in two of them. One that names
 * nobody is a sign of life.
 */
export const relayReportSchema = z.object({
  relayId: agentIdSchema,
  answers: z
    .array(agentAnswerSchema)
    .max(limits.relayTargetsMax)
    .optional()
    .describe('With `want: "answers"`, also of those that failed.'),
  reached: ids.optional().describe('Else: who has answered, or was sent what is not to be answered.'),
  state: aggregateStateSchema
    .optional()
    .describe(
      'With `want: "aggregate"`: the aggregate of what those in `reached` of this message have answered.',
    ),
  failed: z.array(agentFailureSchema).max(limits.relayTargetsMax).optional(),
  unreached: ids
    .optional()
    .describe('The broker says that they do not listen to the relay: Nexus is to ask them itself.'),
  missing: ids.optional().describe('Sent the message, and silent until `targetBudgetMs` had passed.'),
  final: z.boolean().optional().describe('The last one: whoever was named in none is for Nexus to ask.'),
});
export type RelayReport = z.infer<typeof relayReportSchema>;
