import { z } from 'zod';
import { clockSchema } from './agent-message.js';
import { keySchema } from './consensus.js';
import { idText, nodeIdSchema } from './ids.js';
import { limits } from './limits.js';

/** Names a member of the gossip: a service process by its node id, an agent by its agent id. */
export const memberIdSchema = idText().brand<'MemberId'>();
export type MemberId = z.infer<typeof memberIdSchema>;

export const memberKindSchema = z.enum(['service', 'agent']);
export type MemberKind = z.infer<typeof memberKindSchema>;

export const memberStatusSchema = z.enum(['alive', 'suspected', 'dead', 'left']);
export type MemberStatus = z.infer<typeof memberStatusSchema>;

const fraction = z.number().min(0).max(1);

/** How a process does, told with each of its heartbeats. */
export const vitalsSchema = z.object({
  cpu: fraction.describe('Share of one core that the process uses.'),
  memory: fraction.describe('Share of the memory that it may use.'),
  loopLagMs: z
    .number()
    .nonnegative()
    .describe('Longest that its event loop was late since the heartbeat before.'),
  rttMs: z.number().nonnegative().optional().describe('Median time to other members and back.'),
});
export type Vitals = z.infer<typeof vitalsSchema>;

/** A member as the one that answers sees it. */
export const memberViewSchema = z.object({
  memberId: memberIdSchema,
  kind: memberKindSchema,
  service: z.string().optional().describe('Of a service process: `coordinator`, `routing`, …'),
  status: memberStatusSchema,
  phi: z.number().nonnegative().describe('Suspicion: 8 and more is suspected.'),
  generation: z.int().nonnegative().describe('Its life: the wall clock at its start, in milliseconds.'),
  heartbeat: z.int().nonnegative(),
  silentMs: z.number().nonnegative().describe('Since its heartbeat was last seen to advance.'),
  version: z.int().nonnegative().describe('How many changes of its keys are known.'),
  rttMs: z.number().nonnegative().optional().describe('From the one that answers, to it and back.'),
  vitals: vitalsSchema.optional(),
});
export type MemberView = z.infer<typeof memberViewSchema>;

const page = {
  limit: z.int().min(1).max(limits.listLimitMax).default(100),
  cursor: z.string().max(limits.keyCharsMax).optional().describe('The `cursor` of the page before.'),
};
const cursor = z.string().nullable().describe('Where the next page starts; null after the last.');

export const gossipMembersRequestSchema = z.strictObject({
  kind: memberKindSchema.optional(),
  status: memberStatusSchema.optional(),
  ...page,
});
export type GossipMembersRequest = z.infer<typeof gossipMembersRequestSchema>;
export const gossipMembersReplySchema = z.object({
  self: memberIdSchema.describe('The member whose view this is.'),
  members: z.array(memberViewSchema),
  cursor,
});
export type GossipMembersReply = z.infer<typeof gossipMembersReplySchema>;

export const convergenceSchema = z.object({
  converged: z
    .boolean()
    .describe('Every live member said that it knows the same; never while one cannot be reached.'),
  versions: z.record(z.string(), z.int().nonnegative()).describe('The versions it holds for, a member each.'),
  waitingFor: z.array(memberIdSchema).describe('Members that have not said so.'),
});
export type ConvergenceView = z.infer<typeof convergenceSchema>;

/** Values of one key; several when they were put concurrently and nobody has resolved that yet. */
export const sharedKeySchema = z.object({
  key: keySchema,
  values: z
    .array(z.object({ value: z.unknown(), by: memberIdSchema, clock: clockSchema }))
    .describe('One, or siblings that know nothing of each other.'),
  clock: clockSchema.describe('Covers all of them: hand it to a `put` that replaces them.'),
  conflict: z.boolean().describe('More than one value stands.'),
});
export type SharedKey = z.infer<typeof sharedKeySchema>;

export const gossipStateRequestSchema = z.strictObject({
  keyPrefix: z.string().max(256).optional().describe('Only keys that begin with it.'),
  ...page,
});
export type GossipStateRequest = z.infer<typeof gossipStateRequestSchema>;
export const gossipStateReplySchema = z.object({
  self: memberIdSchema,
  ...convergenceSchema.shape,
  keys: z.array(sharedKeySchema).describe('In the order of their names.'),
  cursor,
});
export type GossipStateReply = z.infer<typeof gossipStateReplySchema>;

export const gossipPutRequestSchema = z.strictObject({
  key: keySchema,
  value: z.unknown().refine((value) => value !== undefined, { error: 'is missing' }),
  clock: clockSchema
    .optional()
    .describe(
      'What the value replaces: the `clock` of a reading. Without it, all that the serving member knows.',
    ),
  urgent: z.boolean().default(false).describe('Spread at once, not with the next round.'),
});
export type GossipPutRequest = z.infer<typeof gossipPutRequestSchema>;
export const gossipDeleteRequestSchema = gossipPutRequestSchema.omit({ value: true });
export type GossipDeleteRequest = z.infer<typeof gossipDeleteRequestSchema>;
export const gossipPutReplySchema = z.object({ ...sharedKeySchema.shape, member: memberIdSchema });
export type GossipPutReply = z.infer<typeof gossipPutReplySchema>;

/** What a member became, as the one that tells saw it. */
export const memberEventSchema = z.object({
  memberId: memberIdSchema,
  kind: memberKindSchema,
  service: z.string().optional(),
  by: nodeIdSchema.describe('The member that saw it.'),
  at: z.iso.datetime(),
});
