import { z } from 'zod';
import { errorCodeSchema } from './error.js';
import { agentIdSchema, capabilitySchema, groupSchema, nodeIdSchema } from './ids.js';
import { limits } from './limits.js';

const fraction = z.number().min(0).max(1);
const count = z.int().nonnegative();
const token = z.string().min(1).max(128);
/** 22 characters carry 128 bits: shorter ones could be guessed. */
const registrationToken = z
  .string()
  .regex(/^[\w-]{22,128}$/, { error: 'must be 22 to 128 of the characters A-Z a-z 0-9 _ -' });

/** What an agent says of its own load. */
export const loadSchema = z.strictObject({
  cpu: fraction.describe('Share of one core that the process uses, 0 to 1.'),
  memory: fraction.describe('Share of the memory it may use, 0 to 1.'),
  queueDepth: count.describe('Messages taken in and not started.'),
  active: count.optional().describe('Messages being worked on.'),
});
export type Load = z.infer<typeof loadSchema>;

/** How the bodies of messages are written. */
export const bodyEncodingSchema = z.enum(['json', 'msgpack']);

/** What an agent says of itself when it registers, alone or with its host. */
const introduction = {
  groups: z.array(groupSchema).max(limits.agentGroupsMax).default([]),
  capabilities: z.array(capabilitySchema).max(limits.agentGroupsMax).default([]),
  node: nodeIdSchema.optional().describe('The machine it runs on.'),
  weight: z.number().positive().max(1_000).default(1).describe('Its share relative to others.'),
  maxConcurrency: z.int().min(1).max(10_000).optional().describe('Messages it works on at once.'),
  meta: z
    .record(z.string().max(64), z.unknown())
    .refine((meta) => JSON.stringify(meta).length <= limits.agentMetaCharsMax, {
      error: `must be at most ${limits.agentMetaCharsMax} characters of JSON`,
    })
    .optional(),
  relay: z
    .boolean()
    .optional()
    .describe('It offers to pass messages on to other agents and to bring their answers together.'),
};

export const registerRequestSchema = z.strictObject({
  token: registrationToken
    .optional()
    .describe(
      'The token of the registration to replace or, for a free id, one of the agent’s own making, drawn at random: ' +
        'with it, a registration whose reply was lost can be repeated. Without one, a token is issued.',
    ),
  ...introduction,
  host: nodeIdSchema
    .optional()
    .describe(
      'The process that hosts it together with other agents: it is then addressed on `nexus.host.<host>`. All agents of ' +
        'a host show the same token. Many can join with one message on `nexus.hosts.register.<host>`.',
    ),
  groupSubjects: z
    .boolean()
    .optional()
    .describe(
      'It listens on `nexus.group.<group>` for each of its groups. What comes there with a reply subject is answered on ' +
        '`<reply subject>.<tag>`: the tag is the first 16 characters of the base64url form of HMAC-SHA-256, keyed with ' +
        'the lower-case hexadecimal SHA-256 of its token, of the reply subject without its last two tokens.',
    ),
  encoding: bodyEncodingSchema
    .optional()
    .describe('How messages to it are to be written; it must read JSON all the same. Default json.'),
});
export type RegisterRequest = z.infer<typeof registerRequestSchema>;

export const registerReplySchema = z.object({
  token: z.string().describe('Proves that a later message is from this registration.'),
  ttlMs: z.int().positive().describe('Silence after which the agent is suspected.'),
  heartbeatMs: z.int().positive().describe('How often to send a heartbeat.'),
  inbox: z.string().describe('The subject on which the agent is addressed.'),
});
export type RegisterReply = z.infer<typeof registerReplySchema>;

export const heartbeatRequestSchema = loadSchema.extend({ token, active: count });
export type HeartbeatRequest = z.infer<typeof heartbeatRequestSchema>;

export const deregisterRequestSchema = z.strictObject({ token });
export type DeregisterRequest = z.infer<typeof deregisterRequestSchema>;

export const livenessSchema = z.enum(['alive', 'suspected']);
export type Liveness = z.infer<typeof livenessSchema>;

/** An agent as others see it. */
export const agentViewSchema = z.object({
  agentId: agentIdSchema,
  groups: z.array(groupSchema),
  capabilities: z.array(capabilitySchema),
  node: nodeIdSchema.optional(),
  host: nodeIdSchema.optional().describe('The process that hosts it together with other agents.'),
  weight: z.number(),
  maxConcurrency: z.int().optional(),
  meta: z.record(z.string(), z.unknown()).optional(),
  relay: z.boolean().optional(),
  groupSubjects: z.boolean().optional(),
  encoding: bodyEncodingSchema.optional(),
  health: livenessSchema,
  registeredAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().optional().describe('Absent while the store cannot be reached.'),
  suspicion: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      'How unlikely its silence is by its own habit (phi; 8, or what is configured, is suspected); absent while the ' +
        'store cannot be reached.',
    ),
  load: loadSchema.optional().describe('Its last heartbeat; absent before the first.'),
});
export type AgentView = z.infer<typeof agentViewSchema>;

export const listRequestSchema = z.strictObject({
  group: groupSchema.optional(),
  capability: capabilitySchema.optional(),
  node: nodeIdSchema.optional(),
  limit: z.int().min(1).max(limits.listLimitMax).default(100),
  cursor: z.string().max(128).optional().describe('The `cursor` of the page before.'),
});
export type ListRequest = z.infer<typeof listRequestSchema>;

export const listReplySchema = z.object({
  agents: z.array(agentViewSchema),
  cursor: z.string().nullable().describe('Where the next page starts; null after the last.'),
});
export type ListReply = z.infer<typeof listReplySchema>;

export const getRequestSchema = z.strictObject({ agentId: agentIdSchema });
export type GetRequest = z.infer<typeof getRequestSchema>;

export const emptyReplySchema = z.object({});

/** One agent of a host. */
export const hostedAgentSchema = z.strictObject({ agentId: agentIdSchema, ...introduction });
export type HostedAgent = z.infer<typeof hostedAgentSchema>;

/**
 * A host is one process with many agents. It hears `nexus.host.<hostId>` for several of them at once, and
 * `nexus.host.<hostId>.<agentId>` for one; with groups, `nexus.group.<group>` once for all of them.
 */
export const hostRegisterRequestSchema = z.strictObject({
  token: registrationToken.describe(
    'Of the host’s own making, drawn at random, and the same for all of its agents: it proves every later message.',
  ),
  agents: z
    .array(hostedAgentSchema)
    .min(1)
    .max(limits.hostBatchMax)
    .refine((agents) => new Set(agents.map(({ agentId }) => agentId)).size === agents.length, {
      error: 'an agent is named twice',
    })
    .describe('The agents that join with this message; those of earlier ones stay.'),
  encoding: bodyEncodingSchema.optional().describe('How messages to it are to be written. Default json.'),
});
export type HostRegisterRequest = z.infer<typeof hostRegisterRequestSchema>;

export const hostRegisterReplySchema = z.object({
  ttlMs: z.int().positive().describe('Silence after which its agents are suspected.'),
  heartbeatMs: z.int().positive().describe('How often to send a heartbeat.'),
  inbox: z.string().describe('The subject on which several of its agents are addressed at once.'),
  refused: z
    .array(z.object({ agentId: agentIdSchema, code: errorCodeSchema, message: z.string() }))
    .describe('Agents that did not join, and why; all others did.'),
});
export type HostRegisterReply = z.infer<typeof hostRegisterReplySchema>;

/** One sign of life for all agents of a host; what is not named has nothing waiting and nothing under way. */
export const hostHeartbeatRequestSchema = z.strictObject({
  token,
  cpu: fraction,
  memory: fraction,
  agents: z
    .array(z.strictObject({ agentId: agentIdSchema, queueDepth: count, active: count }))
    .max(limits.hostAgentsMax)
    .default([])
    .describe('The agents that are not idle.'),
});
export type HostHeartbeatRequest = z.infer<typeof hostHeartbeatRequestSchema>;

export const hostHeartbeatReplySchema = z.object({
  agents: z.int().nonnegative().describe('Agents of this host and token that are registered.'),
});
export type HostHeartbeatReply = z.infer<typeof hostHeartbeatReplySchema>;

export const hostDeregisterRequestSchema = z.strictObject({
  token,
  agents: z.array(agentIdSchema).max(limits.hostBatchMax).optional().describe('Who leaves; all without it.'),
});
export type HostDeregisterRequest = z.infer<typeof hostDeregisterRequestSchema>;
