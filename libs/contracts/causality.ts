import { z } from 'zod';
import { idPattern } from './ids.js';
import { limits } from './limits.js';

/** `<id>.<life>`: who sends broadcasts, and which life of it; sequences of two lives are never mixed. */
export const senderIdSchema = z
  .string()
  .regex(new RegExp(`^${idPattern.source.slice(1, -1)}\\.[A-Za-z0-9]{8}$`), {
    error: 'must be an id, a dot, and 8 letters or digits that name the life of the process',
  })
  .brand<'SenderId'>();
export type SenderId = z.infer<typeof senderIdSchema>;

/** A set of agents that all get the same broadcasts: everybody, a group, or those with a capability. */
export const channelSchema = z
  .string()
  .regex(new RegExp(`^(all|(group|capability)\\.${idPattern.source.slice(1, -1)})$`), {
    error: 'must be all, group.<group> or capability.<capability>',
  })
  .brand<'Channel'>();
export type Channel = z.infer<typeof channelSchema>;

const sequence = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** How many broadcasts of each sender on one channel: all of them, from the first. */
export const frontierSchema = z
  .record(senderIdSchema, sequence)
  .refine((frontier) => Object.keys(frontier).length <= limits.frontierEntriesMax, {
    error: `must have at most ${limits.frontierEntriesMax} senders`,
  });
export type Frontier = z.infer<typeof frontierSchema>;

/**
 * A frontier a channel.
 *
 * Compiled, as one comes with every causal message, and the interpreter takes a microsecond an entry. What is derived
 * from a compiled schema, by `describe` too, is not compiled any more; what has it in a field or in `optional` is.
 */
export const frontiersSchema = z.compile(
  z
    .record(channelSchema, frontierSchema)
    .refine((frontiers) => Object.keys(frontiers).length <= limits.frontierChannelsMax, {
      error: `must have at most ${limits.frontierChannelsMax} channels`,
    }),
);
export type Frontiers = z.infer<typeof frontiersSchema>;

/** What orders a message among others. */
export const causalStampSchema = z.object({
  sender: senderIdSchema,
  broadcast: z
    .object({ channel: channelSchema, sequence })
    .optional()
    .describe(
      'Its place among the sender’s broadcasts on the channel. A message to single agents has none: nobody else waits for it.',
    ),
  after: z.compile(
    frontiersSchema.describe(
      'What the sender had seen: an agent delivers the message after these, as far as it belongs to the channels.',
    ),
  ),
});
export type CausalStamp = z.infer<typeof causalStampSchema>;

/** On `causal.frontier.<memberId>`: how far a sender has come, so that the loss of its last broadcast is noticed. */
export const senderFrontierSchema = z.object({
  sender: senderIdSchema,
  channels: z.record(channelSchema, sequence),
});
export type SenderFrontier = z.infer<typeof senderFrontierSchema>;

/** On `causal.sync`, to all senders: where they stand on these channels, asked by who begins to listen. */
export const causalSyncRequestSchema = z.object({
  channels: z.array(channelSchema).min(1).max(limits.frontierChannelsMax),
});
export const causalSyncReplySchema = z.object({ sender: senderIdSchema, frontiers: frontiersSchema });
export type CausalSyncReply = z.infer<typeof causalSyncReplySchema>;

/** On `causal.repair.<memberId>` to the sender, or on `causal.recover` to whoever has kept them: broadcasts that were missed. */
export const causalRepairRequestSchema = z.object({
  channel: channelSchema,
  sender: senderIdSchema,
  from: sequence,
  to: sequence,
});
export type CausalRepairRequest = z.infer<typeof causalRepairRequestSchema>;

export const causalRepairReplySchema = z.object({
  messages: z
    .array(z.unknown())
    .max(limits.repairMessagesMax)
    .describe('Agent messages with their stamps, in the order of their sequence; as many as fit.'),
  keptFrom: sequence
    .optional()
    .describe('The oldest broadcast that is still kept; those before it are not to be had here.'),
});
export type CausalRepairReply = z.infer<typeof causalRepairReplySchema>;
