import { channelSchema, senderIdSchema } from '@nexus/contracts';
import { z } from 'zod';

/** How a value of a shared key was told to the agents. */
export const toldSchema = z.object({
  channel: channelSchema,
  sender: senderIdSchema,
  sequence: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
});
export type Told = z.infer<typeof toldSchema>;

/** The key of a coordinator's own under which it says how it told its value of a shared key. */
export const toldKeyOf = (key: string): string => `told/${key}`;
