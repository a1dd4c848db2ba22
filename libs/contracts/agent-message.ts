import { z } from 'zod';
import { loadSchema } from './agents.js';
import { causalStampSchema, frontiersSchema } from './causality.js';
import { errorCodeSchema } from './error.js';
import { agentIdSchema, nodeIdSchema } from './ids.js';
import { limits } from './limits.js';
import { relayedSchema, relayOrderSchema } from './relay.js';

export const messageKindSchema = z.enum(['broadcast', 'gather', 'vote', 'task', 'coordinate']);
export type MessageKind = z.infer<typeof messageKindSchema>;

/** Room for an id, a dot or dash, and the life of a process. */
const clockNameCharsMax = 96;

/** A logical clock: one counter for each life of a process that has caused events. Compiled, as `frontiersSchema` is. */
export const clockSchema = z.compile(
  z
    .record(z.string().min(1).max(clockNameCharsMax), z.int().nonnegative())
    .refine((clock) => Object.keys(clock).length <= limits.clockEntriesMax, {
      error: `must have at most ${limits.clockEntriesMax} entries`,
    }),
);
export type Clock = z.infer<typeof clockSchema>;

/** What Nexus sends to an agent. */
export const agentMessageSchema = z.object({
  coordinationId: z.string(),
  kind: messageKindSchema,
  payload: z.unknown().optional(),
  budgetMs: z.int().nonnegative().describe('What is left of the deadline; an answer after it is not used.'),
  attempt: z.int().min(1).describe('1 for the first try, more when another agent died with the work.'),
  from: z.string().describe('Who sent it.'),
  clock: clockSchema.optional(),
  agents: z
    .array(agentIdSchema)
    .max(limits.agentIdsMax)
    .optional()
    .describe('Of a message to a host: which of its agents it is for.'),
  relay: relayOrderSchema
    .optional()
    .describe(
      'For an agent that offered to relay: it is to pass the message on, and to bring the answers together.',
    ),
  relayed: relayedSchema.optional().describe('Of a message that a relay passes on.'),
  causal: causalStampSchema.optional().describe('In a causal operation: what it is to be delivered after.'),
  fencingToken: z
    .int()
    .positive()
    .optional()
    .describe(
      'Of the sender’s lease on this agent, in an exclusive request. An agent refuses, with `conflict`, one that is ' +
        'older than one it has seen: its sender was paused and has lost the lease.',
    ),
});
export type AgentMessage = z.infer<typeof agentMessageSchema>;

/** Something to vote for. In a tally it stands as text. */
export const optionSchema = z.union([z.string().min(1).max(256), z.number(), z.boolean()]);
export type Option = z.infer<typeof optionSchema>;

/** Payload of a `vote` message: the proposal on which to vote. */
export const votePayloadSchema = z.object({
  key: z.string(),
  options: z.array(optionSchema).optional(),
  value: z.unknown().optional(),
  payload: z.unknown().optional().describe('The goal’s own payload.'),
});
export type VotePayload = z.infer<typeof votePayloadSchema>;

/** What an agent answers to a `vote`: an option, or null to abstain; with a reason if it likes. */
export const voteAnswerSchema = z.union([
  optionSchema.nullable(),
  z.object({ vote: optionSchema.nullable(), reason: z.string().max(1_024).optional() }),
]);
export type VoteAnswer = z.infer<typeof voteAnswerSchema>;

/** Load beside an answer is news on the way: one that cannot be read must not cost the answer. */
const answerLoad = z.object(loadSchema.shape).partial({ active: true }).optional().catch(undefined);

/** What an agent has seen, beside its answer to a causal operation. One that cannot be read must not cost the answer. */
const answerClocks = {
  clock: clockSchema
    .optional()
    .catch(undefined)
    .describe('What its event clock has beyond that of the message.'),
  frontiers: frontiersSchema
    .optional()
    .catch(undefined)
    .describe('The broadcasts that it has delivered, of the channel of the message.'),
};

/** What an agent sends back; `data` of a vote is the option, or null to abstain. */
export const agentAnswerSchema = z.discriminatedUnion('ok', [
  z.object({
    agentId: agentIdSchema,
    ok: z.literal(true),
    data: z.unknown().optional().describe('Null when left out.'),
    load: answerLoad,
    ...answerClocks,
  }),
  z.object({
    agentId: agentIdSchema,
    ok: z.literal(false),
    error: z.object({
      code: errorCodeSchema,
      message: z.string(),
      retryAfterMs: z
        .number()
        .nonnegative()
        .optional()
        .catch(undefined)
        .describe('With `overloaded` or `unavailable`: when it wants to be asked again.'),
    }),
    load: answerLoad,
    ...answerClocks,
  }),
]);
export type AgentAnswer = z.infer<typeof agentAnswerSchema>;

/**
 * What a host sends back for several of its agents. One message may be answered by several of these: what is ready goes
 * out, what takes longer follows. No agent stands in two of them.
 */
export const hostAnswerSchema = z.object({
  hostId: nodeIdSchema,
  answers: z.array(agentAnswerSchema).min(1).max(limits.hostAnswersMax),
});
export type HostAnswer = z.infer<typeof hostAnswerSchema>;
