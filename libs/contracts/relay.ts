import { z } from 'zod';
import { bodyEncodingSchema } from './agents.js';
import { agentIdSchema } from './ids.js';
import { limits } from './limits.js';

/** What answers can be brought together to, without the answers themselves. */
export const mergedAggregateNames = ['count', 'sum', 'mean', 'min', 'max', 'histogram', 'majority'] as const;

/** Proof that Nexus has a relay pass the message on. */
const relayToken = z
  .string()
  .length(16)
  .describe(
    'The first 16 characters of the base64url form of HMAC-SHA-256, keyed with the lower-case hexadecimal SHA-256 of the ' +
      'token of the agent that is told, of `relay.<relayId>.<kind>.<coordinationId>`. Only Nexus and that agent can make it.',
  );

/** In a message to a relay: to whom to pass it on, and what to say of them. */
export const relayOrderSchema = z.object({
  targets: z
    .array(z.object({ agentId: agentIdSchema, token: relayToken, encoding: bodyEncodingSchema.optional() }))
    .min(1)
    .max(limits.relayTargetsMax)
    .describe(
      'Who is to be told, each on `nexus.agent.<agentId>.from.<relayId>`; the relay itself only if it is named.',
    ),
  want: z
    .enum(['answers', 'aggregate', 'receipts', 'sent'])
    .describe(
      '`answers`: what each answers. `aggregate`: who has answered, and the aggregate of their answers. `receipts`: who ' +
        'has answered. `sent`: to whom it was sent; none of them is asked to answer.',
    ),
  aggregate: z
    .object({
      name: z.enum(mergedAggregateNames),
      field: z.string().describe('JSON Pointer into each answer; empty for the whole.'),
    })
    .optional()
    .describe('With `want: "aggregate"`.'),
  targetBudgetMs: z
    .int()
    .nonnegative()
    .describe('The `budgetMs` that they are told; the relay’s own is a little longer.'),
  beatMs: z.int().positive().describe('How often the relay is to give a sign of life; the first at once.'),
});
export type RelayOrder = z.infer<typeof relayOrderSchema>;

/** In a message that a relay passes on. */
export const relayedSchema = z.object({ token: relayToken });

const count = z.int().nonnegative();

/** What an aggregator knows; which fields it has depends on the aggregate. */
export const aggregateStateSchema = z.object({
  n: count.describe('Values that went in.'),
  sums: z
    .array(z.number())
    .length(4)
    .optional()
    .describe(
      'Of `sum` and `mean`: the sum and what rounding took from it; the same of values of 2^900 and more, by 2^-100.',
    ),
  least: z.number().optional().describe('Of `mean`.'),
  greatest: z.number().optional().describe('Of `mean`.'),
  extreme: z.number().optional().describe('Of `min` and `max`.'),
  numbers: z.array(z.number()).max(limits.relayTargetsMax).optional().describe('Of `histogram`: the values.'),
  kinds: z
    .array(z.object({ value: z.unknown().optional(), count }))
    .max(limits.relayTargetsMax)
    .optional()
    .describe('Of `majority`: different values, and how often each came.'),
});
