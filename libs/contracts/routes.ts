import { z } from 'zod';
import { bodyEncodingSchema, livenessSchema } from './agents.js';
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
  /** The process that hosts it together with other agents; it is addressed there. */
  host: nodeIdSchema.optional(),
  /** Whether it hears the subjects of its groups, and answers there with its tag; hosted agents do. */
  groupSubjects: z.boolean().optional(),
  /** How messages to it are written. */
  encoding: bodyEncodingSchema.optional(),
  /** Whether it passes messages on. */
  relay: z.boolean().optional(),
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

/**
 * A row as everybody may see it: what is needed to share work out over the agents and to send it to them, and nothing that
 * proves anything.
 */
export const publicRouteSchema = routeSchema.pick({
  ...{ agentId: true, groups: true, capabilities: true, node: true, weight: true, maxConcurrency: true },
  ...{ host: true, encoding: true, liveness: true, version: true },
});
export type PublicRoute = z.infer<typeof publicRouteSchema>;

export const publicRoutesDeltaSchema = z.object({
  epoch: position.epoch.describe('Which table: another one begins at a version of its own.'),
  version: position.version.describe('The table’s version that this change made of the one before.'),
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('upsert'), route: publicRouteSchema }),
    z.object({ kind: z.literal('remove'), agentId: agentIdSchema, reason: z.enum(['left', 'gone']) }),
  ]),
});
export type PublicRoutesDelta = z.infer<typeof publicRoutesDeltaSchema>;

export const publicRoutesReplySchema = z.object({
  ...position,
  routes: z.array(publicRouteSchema),
  next: agentIdSchema.nullable().describe('Ask on from here; null after the last page.'),
});
export type PublicRoutesReply = z.infer<typeof publicRoutesReplySchema>;
