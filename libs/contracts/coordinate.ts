import { z } from 'zod';
import { clockSchema, optionSchema } from './agent-message.js';
import { causalStampSchema, frontiersSchema } from './causality.js';
import { keySchema } from './consensus.js';
import { errorCodeSchema } from './error.js';
import { agentIdSchema, idText, nodeIdSchema, requestIdSchema } from './ids.js';
import { limits } from './limits.js';
import { mergedAggregateNames } from './relay.js';
import { selectorSchema } from './selector.js';

/** From the plainest to the most sophisticated; a request is served at or below its `maxLayer`. */
export const layerNames = ['emergency', 'foundation', 'performance', 'intelligence', 'adaptive'] as const;
export const layerSchema = z.enum(layerNames);
export type LayerName = z.infer<typeof layerSchema>;

export const strategySchema = z.enum([
  'foundation',
  'async',
  'lightweight',
  'hierarchical',
  'fault_tolerant',
  'performance_optimized',
]);
export type StrategyName = z.infer<typeof strategySchema>;

export const algorithmNames = [
  'round_robin',
  'least_connections',
  'weighted_response_time',
  'resource_aware',
  'adaptive',
  'power_of_two',
  'peak_ewma',
  'consistent_hash',
] as const;
/** The design's five, and three that have proved themselves elsewhere since. */
export const algorithmSchema = z.enum(algorithmNames);
export type AlgorithmName = z.infer<typeof algorithmSchema>;

const goalFields = {
  payload: z.unknown().optional().describe('Handed to the agents as it is.'),
  timeoutMs: z.int().min(1).max(limits.timeoutMsMax).default(limits.timeoutMsDefault),
  complexity: z.number().positive().max(1_000).default(1).describe('How heavy the caller thinks it is.'),
};

export const broadcastGoalSchema = z.strictObject({
  type: z.literal('broadcast'),
  ...goalFields,
  delivery: z.enum(['at_most_once', 'acknowledged']).default('at_most_once'),
  ordering: z.enum(['none', 'causal']).default('none'),
  coordinator: agentIdSchema.optional().describe('The agent that is to run it.'),
  after: frontiersSchema
    .optional()
    .describe('With causal ordering, what it is to come after: the `frontiers` of an earlier result.'),
  key: keySchema
    .optional()
    .describe(
      'With causal ordering: the shared key whose value this is. What two coordinators tell of one key at the same ' +
        'time is found out and resolved, never silently overwritten.',
    ),
});

export const aggregateSchema = z.enum(['list', ...mergedAggregateNames]);
export type AggregateName = z.infer<typeof aggregateSchema>;

export const gatherGoalSchema = z.strictObject({
  type: z.literal('gather'),
  ...goalFields,
  aggregate: aggregateSchema.default('list'),
  field: z
    .string()
    .regex(/^(\/[^/]*)*$/, { error: 'must be a JSON Pointer (RFC 6901), as /cpu' })
    .max(256)
    .optional()
    .describe('JSON Pointer into each answer: what to aggregate.'),
  minResponses: z.int().min(1).optional().describe('With fewer answers the status is `failed`.'),
});

export const quorumSchema = z.union([z.enum(['majority', 'two_thirds', 'unanimous']), z.int().min(1)]);
export type Quorum = z.infer<typeof quorumSchema>;

export const consensusGoalSchema = z.strictObject({
  type: z.literal('consensus'),
  ...goalFields,
  proposal: z
    .strictObject({
      key: idText(),
      options: z.array(optionSchema).min(1).max(limits.proposalOptionsMax).optional(),
      value: z.unknown().optional().describe('Without options: what the agents accept or reject.'),
    })
    .refine(({ options }) => !options || new Set(options.map(String)).size === options.length, {
      error: 'an option is named twice',
      path: ['options'],
    }),
  quorum: quorumSchema.default('majority'),
  commit: z.boolean().default(true).describe('Record the outcome in the decision log.'),
});

export const workSchema = z.strictObject({
  id: requestIdSchema,
  payload: z.unknown().optional(),
  affinity: z
    .string()
    .min(1)
    .max(limits.affinityCharsMax)
    .optional()
    .describe(
      'With `consistent_hash`: units with the same key go to the same agent while it has room. Default: the id.',
    ),
});
export type Work = z.infer<typeof workSchema>;

export const loadBalanceGoalSchema = z.strictObject({
  type: z.literal('load_balance'),
  ...goalFields,
  requests: z
    .array(workSchema)
    .min(1)
    .max(limits.loadBalanceRequestsMax)
    .refine((requests) => new Set(requests.map(({ id }) => id)).size === requests.length, {
      error: 'a request id stands twice',
    }),
  algorithm: algorithmSchema.default('round_robin'),
  node: nodeIdSchema
    .optional()
    .describe(
      'Prefers agents of this machine while they are not clearly busier. Round robin and affinity go before.',
    ),
  dispatch: z.boolean().default(true).describe('Send the work and return its results, or only assign.'),
});

export const goalSchema = z.discriminatedUnion('type', [
  broadcastGoalSchema,
  gatherGoalSchema,
  consensusGoalSchema,
  loadBalanceGoalSchema,
]);
export type Goal = z.infer<typeof goalSchema>;
export type GoalType = Goal['type'];
export const goalTypes = ['broadcast', 'gather', 'consensus', 'load_balance'] as const satisfies GoalType[];

export const coordinateRequestSchema = z.strictObject({
  requestId: requestIdSchema.optional().describe('Same meaning as the header `Nats-Msg-Id`.'),
  agents: selectorSchema,
  goal: goalSchema,
  maxLayer: layerSchema.default('adaptive'),
  strategy: strategySchema.nullable().default(null),
  stream: z.boolean().default(false).describe('Send partial results as they come.'),
  durable: z.boolean().default(false).describe('Store the request before it is accepted.'),
  exclusive: z
    .boolean()
    .default(false)
    .describe(
      `An extension: hold a lease on every targeted agent (at most ${limits.exclusiveAgentsMax}) while the request ` +
        'runs, or fail with `conflict` naming who has one. It keeps other exclusive requests out, and no others.',
    ),
});
export type CoordinateRequest = z.infer<typeof coordinateRequestSchema>;
/** A request as a caller writes it, before defaults. */
export type CoordinateRequestInput = z.input<typeof coordinateRequestSchema>;

export const agentFailureSchema = z.object({
  agentId: agentIdSchema,
  code: errorCodeSchema,
  message: z.string().optional(),
});
export type AgentFailure = z.infer<typeof agentFailureSchema>;

const accounting = {
  failed: z.array(agentFailureSchema),
  missing: z.array(agentIdSchema).describe('Targeted, and silent at the deadline.'),
};

export const broadcastResultSchema = z.object({
  targeted: z.int().nonnegative(),
  delivered: z
    .int()
    .nonnegative()
    .describe('Handed to the broker for an agent that was not known to be gone.'),
  acknowledged: z.int().nonnegative().optional(),
  causal: causalStampSchema.optional().describe('With causal ordering: how the broadcast was stamped.'),
  frontiers: frontiersSchema
    .optional()
    .describe(
      'With causal ordering: what whoever knows this result knows of; hand it to `after` of the next.',
    ),
  conflict: z
    .boolean()
    .optional()
    .describe('With `key`: whether another value was told at the same time and is not yet resolved.'),
  ...accounting,
});
export type BroadcastResult = z.infer<typeof broadcastResultSchema>;

export const agentResponseSchema = z.object({ agentId: agentIdSchema, data: z.unknown() });
export type AgentResponse = z.infer<typeof agentResponseSchema>;

/** Counts in equally wide buckets from the least value to the greatest. */
export const histogramSchema = z.object({
  min: z.number(),
  max: z.number(),
  buckets: z.array(z.object({ from: z.number(), to: z.number(), count: z.int().nonnegative() })),
});

export const gatherResultSchema = z.object({
  responses: z
    .array(agentResponseSchema)
    .describe(
      `Empty where an aggregate over more than ${limits.aggregateListAgentsMax} agents was asked for: those answers are not kept.`,
    ),
  ...accounting,
  aggregate: z.unknown().optional().describe('By the `aggregate` that was asked for; absent for `list`.'),
  sampleSize: z.int().nonnegative().optional().describe('Answers that went into `aggregate`.'),
});
export type GatherResult = z.infer<typeof gatherResultSchema>;

export const voteSchema = z.object({
  agentId: agentIdSchema,
  vote: optionSchema.nullable().describe('Null: abstained.'),
  reason: z.string().optional(),
});
export type Vote = z.infer<typeof voteSchema>;

export const consensusResultSchema = z.object({
  decided: z.boolean().describe('Whether one option reached the quorum.'),
  value: z.unknown().describe('The option, or the proposal’s value; null when undecided.'),
  tally: z.record(z.string(), z.int().nonnegative()),
  votes: z.array(voteSchema),
  quorum: z.int().positive().describe('Votes that one option needed, of all agents targeted.'),
  decision: z
    .object({ index: z.int(), term: z.int(), version: z.int() })
    .optional()
    .describe('Where the decision stands in the log; only with `commit`.'),
  ...accounting,
});
export type ConsensusResult = z.infer<typeof consensusResultSchema>;

export const assignmentSchema = z.object({ requestId: requestIdSchema, agentId: agentIdSchema });
export type Assignment = z.infer<typeof assignmentSchema>;

/** One unit of work: done, or failed with a typed error; exactly one for each request. */
export const workResultSchema = z.object({
  requestId: requestIdSchema,
  agentId: agentIdSchema,
  ok: z.boolean(),
  data: z.unknown().optional(),
  error: z
    .object({
      code: errorCodeSchema,
      message: z.string(),
      retryAfterMs: z
        .int()
        .nonnegative()
        .optional()
        .describe('When the agent that refused it wants to be asked again.'),
    })
    .optional(),
  attempts: z.int().nonnegative().describe('Agents that it was sent to.'),
});
export type WorkResult = z.infer<typeof workResultSchema>;

export const loadBalanceResultSchema = z.object({
  assignments: z.array(assignmentSchema),
  results: z.array(workResultSchema).optional(),
});
export type LoadBalanceResult = z.infer<typeof loadBalanceResultSchema>;

/** Result of each goal type. */
export interface ResultOf {
  broadcast: BroadcastResult;
  gather: GatherResult;
  consensus: ConsensusResult;
  load_balance: LoadBalanceResult;
}

export const statusSchema = z.enum(['complete', 'partial', 'failed']);
/**
 * `complete`: every agent (or unit of work) did its part. `partial`: some did; the rest is named in the result.
 * `failed`: none did, or fewer than `minResponses`.
 */
export type Status = z.infer<typeof statusSchema>;

const replyFields = {
  coordinationId: z.string(),
  status: statusSchema,
  layer: layerSchema,
  strategy: strategySchema,
  fallbacks: z.array(z.object({ layer: layerSchema, code: errorCodeSchema, message: z.string() })),
  explain: z.object({
    requestedMaxLayer: layerSchema,
    candidates: z.array(z.unknown()),
    rule: z.unknown().nullable(),
    model: z
      .unknown()
      .nullable()
      .describe(
        'Why the intelligence layer chose as it did, or left it to the layer below: `serving`, `reason`, `choice`, `below`, ' +
          '`propensity`, `version`, `confidence`, `reasoning`. Null where there was nothing to choose.',
      ),
    evidence: z
      .unknown()
      .nullable()
      .describe('Where the intelligence layer served: what its model expected of each choice.'),
    routes: z
      .object({ version: z.int().nonnegative(), ageMs: z.number().nonnegative() })
      .describe('The route table that served, and how long ago routing last confirmed it.'),
    balancing: z
      .object({
        algorithm: algorithmSchema,
        agents: z.int().nonnegative().describe('Agents that were chosen from.'),
        numbers: z
          .enum(['shared', 'own'])
          .optional()
          .describe(
            'Of a round robin: `shared` by all coordinators; `own` while what counts for all is away, so that the ' +
              'coordinators together are less even.',
          ),
      })
      .optional()
      .describe('How work was shared out, by the performance layer.'),
    relaying: z
      .object({
        relays: z.int().nonnegative().describe('Agents that passed the message on.'),
        relayed: z.int().nonnegative().describe('Agents that were to get it from them.'),
        lost: z.int().nonnegative().describe('Relays that refused, fell silent, or were not believed.'),
        askedInstead: z
          .int()
          .nonnegative()
          .describe('Agents that a relay did not reach, and Nexus asked itself.'),
      })
      .optional()
      .describe('How a hierarchical execution went; absent where nobody relayed.'),
  }),
  performance: z.object({
    durationMs: z.number(),
    agents: z.int().nonnegative(),
    throughputPerS: z.number(),
  }),
  clock: clockSchema,
  traceId: z.string(),
};

const reply = <T extends GoalType, R extends z.ZodType>(type: T, result: R) =>
  z.object({ type: z.literal(type), ...replyFields, result });

export const coordinateReplySchema = z.discriminatedUnion('type', [
  reply('broadcast', broadcastResultSchema),
  reply('gather', gatherResultSchema),
  reply('consensus', consensusResultSchema),
  reply('load_balance', loadBalanceResultSchema),
]);
export type CoordinateReply = z.infer<typeof coordinateReplySchema>;
/** The reply to a request with that type of goal. */
export type ReplyTo<T extends GoalType> = Extract<CoordinateReply, { type: T }>;

/** Header that tells the parts of a streamed reply from its end. */
export const partHeader = 'Nexus-Part';

/**
 * Some of the entries of a result, sent ahead of the final reply: because the caller asked for a stream, or because
 * the whole would not fit one message. In the second case the final reply has the header `Nexus-Lists: split`, its
 * lists are empty, and the caller joins the parts.
 */
export const coordinatePartSchema = z.object({
  coordinationId: z.string(),
  type: z.enum(goalTypes),
  part: z.object({
    responses: z.array(agentResponseSchema).optional(),
    votes: z.array(voteSchema).optional(),
    acknowledged: z.array(agentIdSchema).optional(),
    assignments: z.array(assignmentSchema).optional(),
    results: z.array(workResultSchema).optional(),
    failed: z.array(agentFailureSchema).optional(),
    missing: z.array(agentIdSchema).optional(),
  }),
});
export type CoordinatePart = z.infer<typeof coordinatePartSchema>;

/** Set to `split` on a final reply whose lists travelled in the parts before it. */
export const listsHeader = 'Nexus-Lists';
