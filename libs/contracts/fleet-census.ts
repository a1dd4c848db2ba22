import { z } from 'zod';
import { keySchema } from './consensus.js';
import { groupSchema, nodeIdSchema } from './ids.js';

/** Where the latest census stands in the decision log. */
export const fleetCensusKey = keySchema.parse('fleet.census');

const counts = {
  alive: z.int().nonnegative(),
  suspected: z.int().nonnegative(),
};

/** The fleet in numbers, as one coordinator saw it. */
export const fleetCensusSchema = z.object({
  ...counts,
  groups: z
    .array(z.object({ group: groupSchema, ...counts }))
    .describe('The largest groups, the largest first.'),
  groupsLeftOut: z.int().nonnegative().describe('Smaller groups that are not listed.'),
  by: nodeIdSchema.describe('The coordinator that counted: it held the office at the time.'),
  at: z.iso.datetime(),
});
export type FleetCensus = z.infer<typeof fleetCensusSchema>;
