import { z } from 'zod';
import { agentIdSchema } from './ids.js';
import { limits } from './limits.js';

/** What one coordinator has in flight, for the others. Internal: no contract. */
export const inFlightNewsSchema = z.object({
  /** Of the process: what an earlier one had in flight is nobody's any more. */
  life: z.string().max(128),
  /** Whether a whole account begins here, so that what was said before counts no more; more of it may follow. */
  whole: z.boolean(),
  agents: z
    .array(z.tuple([agentIdSchema, z.int().nonnegative()]))
    .max(limits.inFlightNewsMax)
    .describe('How much is in flight at each.'),
});
export type InFlightNews = z.infer<typeof inFlightNewsSchema>;
