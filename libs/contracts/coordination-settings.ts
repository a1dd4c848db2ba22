import { z } from 'zod';
import { keySchema } from './consensus.js';
import { layerSchema } from './coordinate.js';
import { limits } from './limits.js';

/** Where the settings stand in the decision log. */
export const coordinationSettingsKey = keySchema.parse('config.coordination');

/** What all coordinators must agree on, kept in the decision log and followed by each of them while it runs. */
export const coordinationSettingsSchema = z.strictObject({
  intake: z
    .enum(['open', 'paused'])
    .default('open')
    .describe('`paused`: new requests are answered `unavailable`; those under way are finished.'),
  maxLayer: layerSchema.optional().describe('No request is served above it, whatever it allows.'),
  timeoutMsMax: z
    .int()
    .min(1)
    .max(limits.timeoutMsMax)
    .optional()
    .describe('A goal that asks for more is refused with `invalid_argument`.'),
});
export type CoordinationSettings = z.infer<typeof coordinationSettingsSchema>;
