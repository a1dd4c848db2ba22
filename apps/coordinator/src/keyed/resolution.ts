import { createHash } from 'node:crypto';
import { type Clock, clockSchema, keySchema, limits, memberIdSchema, nodeIdSchema } from '@nexus/contracts';
import { z } from 'zod';
import { toldSchema } from './told.js';

/** What the decision log says of a shared key of which several values stood side by side. */
export const resolutionSchema = z.object({
  value: z.unknown(),
  /** Who had put it. */
  by: memberIdSchema,
  /** Covers all the siblings: what stands in their place from now on. */
  clock: clockSchema,
  /** How the siblings had been told, as far as they could have been chosen. */
  told: z.array(toldSchema),
  /** Nothing else could have been chosen: whoever was told a sibling was told this one, and need not be told again. */
  unrivalled: z.boolean().default(false),
  resolvedBy: nodeIdSchema,
});
export type Resolution = z.infer<typeof resolutionSchema>;

const resolutions = 'resolution';

/** Where the resolution of a shared key stands in the decision log. */
export function resolutionKeyOf(key: string): string {
  const own = `${resolutions}.${key}`;
  if (keySchema.safeParse(own).success) return own;
  // One segment more than a key may have.
  const hash = createHash('sha256').update(key).digest('base64url');
  return keySchema.parse(`${resolutions}.${hash.slice(0, limits.idCharsMax)}`);
}

/** Whether one clock has seen all that another has. */
export const covers = (clock: Clock, other: Clock): boolean =>
  Object.entries(other).every(
    ([name, counter]) => (Object.hasOwn(clock, name) ? clock[name]! : 0) >= counter,
  );
