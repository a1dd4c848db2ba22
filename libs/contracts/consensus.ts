import { z } from 'zod';
import { idText, requestIdSchema } from './ids.js';
import { limits } from './limits.js';

/** Names one replica of the decision log; stable over its restarts. */
export const replicaIdSchema = idText().brand<'ReplicaId'>();
export type ReplicaId = z.infer<typeof replicaIdSchema>;

const segment = `[A-Za-z0-9_-]{1,${limits.idCharsMax}}`;
const keyPattern = new RegExp(`^${segment}(\\.${segment}){0,${limits.keySegmentsMax - 1}}$`);

/** One to eight ids joined by dots: `model`, `config.coordination`. */
const name = () =>
  z.string().regex(keyPattern, {
    error: `must be 1 to ${limits.keySegmentsMax} segments joined by dots, each 1 to ${limits.idCharsMax} of A-Z a-z 0-9 _ -`,
  });

/** Names a versioned value. */
export const keySchema = name().brand<'Key'>();
export type Key = z.infer<typeof keySchema>;

const version = () =>
  z
    .int()
    .nonnegative()
    .describe('The index of the entry that last changed it: it only grows. 0: there is none.');
const present = z
  .unknown()
  .refine((value) => value !== undefined, { error: 'is missing' })
  // It would be read under another name: decoders of MessagePack, in which the log is written, rename it for safety.
  .refine((value) => !hasProtoField(value), { error: 'has a field named __proto__' });

function hasProtoField(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProtoField);
}
const ttl = () => z.int().min(limits.leaseTtlMsMin).max(limits.leaseTtlMsMax);

/** Lets a command count only while a lease, or the office of an election, is held with this very token. */
export const fenceSchema = z.strictObject({
  resource: name(),
  token: z.int().positive().describe('The fencing token that the lease, or the office, was given with.'),
});
export type Fence = z.infer<typeof fenceSchema>;
const fence = fenceSchema
  .optional()
  .describe('Refused with `conflict` once it is not held with that token any more.');

export const commandSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('put'),
    key: keySchema,
    value: present,
    expectedVersion: version().optional().describe('Else `conflict`; 0: the key must not exist.'),
    fence,
  }),
  z.strictObject({
    type: z.literal('delete'),
    key: keySchema,
    expectedVersion: version().optional(),
    fence,
  }),
  z.strictObject({
    type: z.literal('decide'),
    key: keySchema,
    value: present.describe('Stands for good if nobody decided before; else the first value is answered.'),
    fence,
  }),
  z.strictObject({
    type: z.literal('lease.acquire'),
    resource: name(),
    owner: idText(),
    ttlMs: ttl(),
  }),
  z.strictObject({
    type: z.literal('lease.renew'),
    resource: name(),
    owner: idText(),
    ttlMs: ttl(),
    fencingToken: z.int().positive().optional().describe('Renews that very lease only.'),
  }),
  z.strictObject({
    type: z.literal('lease.release'),
    resource: name(),
    owner: idText(),
    fencingToken: z.int().positive().optional(),
  }),
  z.strictObject({
    type: z.literal('campaign'),
    election: name(),
    candidate: idText(),
    ttlMs: ttl()
      .default(limits.candidacyTtlMsDefault)
      .describe('The candidacy, or the office, ends unless it is repeated in time.'),
  }),
  z.strictObject({ type: z.literal('resign'), election: name(), candidate: idText() }),
]);
export type Command = z.infer<typeof commandSchema>;
export type CommandInput = z.input<typeof commandSchema>;

export const proposeRequestSchema = z.strictObject({
  requestId: requestIdSchema
    .optional()
    .describe(
      'Same meaning as the header `Nats-Msg-Id`: a repeat within two minutes gets the first outcome. With another ' +
        'command it gets `conflict`, whose details tell what became of the first: `requestId.index`, `requestId.term`, ' +
        'and `requestId.version`, or `requestId.code` where it was refused.',
    ),
  command: commandSchema,
  timeoutMs: z
    .int()
    .min(1)
    .max(limits.timeoutMsMax)
    .default(limits.proposalTimeoutMsDefault)
    .describe('After it the outcome is `unknown`, or `unavailable` when nothing was proposed.'),
});
export type ProposeRequest = z.infer<typeof proposeRequestSchema>;

export const proposeReplySchema = z.object({
  index: z.int().positive().describe('Where the entry stands in the log.'),
  term: z.int().positive(),
  version: version(),
  value: z.unknown().optional().describe('What the key holds now; for an election, who holds the office.'),
  fencingToken: z
    .int()
    .positive()
    .optional()
    .describe('Of the lease or office that is held; greater than every earlier one.'),
});
export type ProposeReply = z.infer<typeof proposeReplySchema>;

const consistency = z
  .enum(['linearizable', 'local'])
  .default('linearizable')
  .describe('`local` asks no quorum: it may be stale, and is served without a leader.');

export const readRequestSchema = z.union([
  z.strictObject({ key: keySchema, consistency }),
  z.strictObject({ resource: name(), consistency }),
  z.strictObject({ election: name(), consistency }),
]);
export type ReadRequest = z.infer<typeof readRequestSchema>;
export type ReadRequestInput = z.input<typeof readRequestSchema>;

const readAt = { index: z.int().nonnegative().describe('The state that was read: all entries up to it.') };

export const keyReadingSchema = z.object({
  key: keySchema,
  value: z.unknown().describe('Null when there is none.'),
  version: version(),
  ...readAt,
});
export const leaseReadingSchema = z.object({
  resource: z.string(),
  owner: z.string().nullable(),
  fencingToken: z.int().positive().nullable(),
  expiresInMs: z.int().nonnegative().nullable().describe('By the clock of the log.'),
  ...readAt,
});
export const electionReadingSchema = z.object({
  election: z.string(),
  leader: z.string().nullable(),
  fencingToken: z.int().positive().nullable(),
  expiresInMs: z.int().nonnegative().nullable(),
  waiting: z.array(z.string()).describe('Candidates, in the order in which they will follow.'),
  ...readAt,
});
export const readReplySchema = z.union([keyReadingSchema, leaseReadingSchema, electionReadingSchema]);
export type KeyReading = z.infer<typeof keyReadingSchema>;
export type LeaseReading = z.infer<typeof leaseReadingSchema>;
export type ElectionReading = z.infer<typeof electionReadingSchema>;
export type ReadReply = z.infer<typeof readReplySchema>;

export const replicaRoleSchema = z
  .enum(['forming', 'joining', 'follower', 'pre_candidate', 'candidate', 'leader'])
  .describe('`forming`: the group has never met in full; `joining`: waits to be made a member.');
export type ReplicaRole = z.infer<typeof replicaRoleSchema>;

export const membershipSchema = z.object({
  voters: z.array(replicaIdSchema),
  learners: z.array(replicaIdSchema),
});
export type Membership = z.infer<typeof membershipSchema>;

export const replicaStatusSchema = z.object({
  replicaId: replicaIdSchema,
  storeId: z.string().describe('Of the log: a replica whose log was replaced is a new member.'),
  role: replicaRoleSchema,
  term: z.int().nonnegative(),
  leader: replicaIdSchema.nullable(),
  commitIndex: z.int().nonnegative(),
  appliedIndex: z.int().nonnegative(),
  firstIndex: z.int().nonnegative(),
  lastIndex: z.int().nonnegative(),
  snapshotIndex: z.int().nonnegative(),
  logBytes: z.int().nonnegative(),
  members: membershipSchema,
  newcomers: z.array(replicaIdSchema).describe('Replicas that ask to become members.'),
  termsSeen: z.int().nonnegative().describe('Terms that began since this replica started.'),
  upMs: z.int().nonnegative(),
});
export type ReplicaStatus = z.infer<typeof replicaStatusSchema>;

export const consensusStatusReplySchema = z.object({
  leader: replicaIdSchema.nullable(),
  term: z.int().nonnegative(),
  replicas: z.array(replicaStatusSchema),
  silent: z.array(replicaIdSchema).describe('Members that did not answer.'),
});
export type ConsensusStatus = z.infer<typeof consensusStatusReplySchema>;

export const transferRequestSchema = z.strictObject({
  to: replicaIdSchema.optional().describe('Else the replica that is furthest.'),
});
export const transferReplySchema = z.object({ leader: replicaIdSchema, term: z.int().positive() });

export const memberRequestSchema = z.strictObject({ replicaId: replicaIdSchema });
export const memberReplySchema = z.object({ index: z.int().nonnegative(), members: membershipSchema });

/** One thing that a committed entry changed. */
export const changeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('key'),
    index: z.int().positive(),
    key: keySchema,
    value: z.unknown().describe('Null when it was deleted.'),
    version: version(),
  }),
  z.object({
    kind: z.literal('lease'),
    index: z.int().positive(),
    resource: z.string(),
    owner: z.string().nullable().describe('Null when it was released or expired.'),
    fencingToken: z.int().positive().nullable(),
  }),
  z.object({
    kind: z.literal('election'),
    index: z.int().positive(),
    election: z.string(),
    leader: z.string().nullable(),
    fencingToken: z.int().positive().nullable(),
  }),
]);
export type Change = z.infer<typeof changeSchema>;
