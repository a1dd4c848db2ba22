import { z } from 'zod';
import { livenessSchema } from './agents.js';
import { agentIdSchema, capabilitySchema, groupSchema, nodeIdSchema } from './ids.js';

/** One row of the route table, as routing tells it to coordinators. Internal: no contract. */
export const routeSchema = z.object({
  agentId: agentIdSchema,
  groups: z.array(groupSchema),
  capabilities: z.array(capabilitySchema),
  node: nodeIdSchema.optional(),
  weight: z.number(),
  maxConcurrency: z.int().optional(),
  meta: z.record(z.string(), z.unknown()).optional(),
  liveness: livenessSchema,
  registeredAt: z.iso.datetime(),
  /** SHA-256 of the registration's token, hex. */
  tokenHash: z.string(),
  /** The table's version at which this row last changed. */
  version: z.int().nonnegative(),
});
export type Route = z.infer<typeof routeSchema>;

/** Which table, and how far: a wiped store starts a new epoch, and versions count on by one within it. */
const position = { epoch: z.string(), version: z.int().nonnegative() };

export const routesDeltaSchema = z.object({
  ...position,
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('upsert'), route: routeSchema }),
    z.object({ kind: z.literal('remove'), agentId: agentIdSchema, reason: z.enum(['left', 'gone']) }),
  ]),
});
export type RoutesDelta = z.infer<typeof routesDeltaSchema>;

export const routesBeaconSchema = z.object(position);
export type RoutesBeacon = z.infer<typeof routesBeaconSchema>;

export const routesSnapshotRequestSchema = z.strictObject({
  after: agentIdSchema.optional().describe('The last agent of the page before.'),
});
export const routesSnapshotReplySchema = z.object({
  ...position,
  routes: z.array(routeSchema),
  next: agentIdSchema.nullable().describe('Ask on from here; null after the last page.'),
});
export type RoutesSnapshotReply = z.infer<typeof routesSnapshotReplySchema>;
