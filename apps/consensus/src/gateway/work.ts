import {
  commandSchema,
  errorCodeSchema,
  errorDetailSchema,
  membershipSchema,
  readReplySchema,
  replicaIdSchema,
  requestIdSchema,
} from '@nexus/contracts';
import { type Outcome } from '@nexus/core/replicated-state';
import { z } from 'zod';

/*
 * What one replica asks of the one that leads. The schemas stand between the wire and the log: what is no command of the
 * contract would be applied by every replica, and must not get that far.
 */
const count = z.int().nonnegative();
const name = z.string().min(1).max(1_024);

const stampSchema = z.strictObject({
  clientId: z.string().min(1).max(64),
  seq: z.int().positive(),
  settledBelow: count,
  openedAtIndex: count,
});

export const querySchema = z.union([
  z.strictObject({ key: name }),
  z.strictObject({ resource: name }),
  z.strictObject({ election: name }),
]);

export const workSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('propose'),
    command: commandSchema,
    requestId: requestIdSchema.optional(),
    session: stampSchema.optional(),
  }),
  z.strictObject({ kind: z.literal('read'), query: querySchema }),
  z.strictObject({ kind: z.literal('transfer'), to: replicaIdSchema.nullable(), withinMs: count }),
  z.strictObject({ kind: z.literal('members.add'), replicaId: replicaIdSchema, withinMs: count }),
  z.strictObject({ kind: z.literal('members.remove'), replicaId: replicaIdSchema, withinMs: count }),
]);
export type Work = z.infer<typeof workSchema>;

const position = { index: count, term: count };
const outcomeSchema: z.ZodType<Outcome> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('done'),
    ...position,
    version: count,
    value: z.unknown().optional(),
    fencingToken: z.int().positive().optional(),
  }),
  z.object({
    kind: z.literal('refused'),
    ...position,
    code: z.enum([
      'conflict',
      'not_found',
      'overloaded',
      'invalid_argument',
      'session_unknown',
      'stale_repeat',
    ]),
    message: z.string(),
    details: z.array(errorDetailSchema).optional(),
    retryAfterMs: z.number().nonnegative().optional(),
  }),
]) as unknown as z.ZodType<Outcome>;

/** What came of it, at the replica that was asked. */
export const resultSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('applied'), outcome: outcomeSchema }),
  z.object({ kind: z.literal('reading'), reading: readReplySchema }),
  z.object({ kind: z.literal('transferred'), leader: replicaIdSchema, term: z.int().positive() }),
  z.object({ kind: z.literal('members'), index: count, members: membershipSchema }),
  /** It was not begun, and can be asked for again, here or elsewhere. */
  z.object({
    kind: z.literal('refused'),
    reason: z.enum(['not_leader', 'transferring', 'overloaded', 'too_large', 'change_pending', 'stopped']),
  }),
  /** It was begun, and this replica will not learn how it ends. */
  z.object({ kind: z.literal('unknown') }),
  /** It cannot be had. */
  z.object({ kind: z.literal('failed'), code: errorCodeSchema, message: z.string() }),
]);
export type Result = z.infer<typeof resultSchema>;
export type AnswerWork = (result: Result) => void;
