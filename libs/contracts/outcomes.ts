import { z } from 'zod';
import { algorithmNames, goalTypes, layerSchema, statusSchema, strategySchema } from './coordinate.js';
import { agentIdSchema, idText, nodeIdSchema } from './ids.js';
import { limits } from './limits.js';

const fraction = z.number().min(0).max(1);
const durationMs = z
  .number()
  .nonnegative()
  .max(limits.timeoutMsMax * 2);

/** What is known of a coordination before it begins, in this order: the design's eight. */
export const featureNames = [
  'agents',
  'diversity',
  'complexity',
  'deadlineS',
  'latencyMs',
  'load',
  'active',
  'successRate',
] as const;
export type FeatureName = (typeof featureNames)[number];

/** The situation that a coordination begins in. */
export const featuresSchema = z.strictObject({
  agents: z.int().nonnegative().max(10_000_000).describe('Agents that it is for.'),
  diversity: fraction.describe(
    'How different they are: 0 when all have the same capabilities and node, 1 when no two have.',
  ),
  complexity: z.number().positive().max(1_000).describe('How heavy the caller thinks it is.'),
  deadlineS: z
    .number()
    .positive()
    .max(limits.timeoutMsMax / 1_000)
    .describe('Time that it has, in seconds.'),
  latencyMs: durationMs.describe('What a message to the broker and back has taken of late.'),
  load: fraction.describe('Share of its core that the coordinator uses.'),
  active: z.int().nonnegative().max(10_000_000).describe('Coordinations under way at the coordinator.'),
  successRate: fraction.describe('Share of success of late, of coordinations of this type.'),
});
export type Features = z.infer<typeof featuresSchema>;

/** What can be chosen: a strategy, or for shared work an algorithm. */
export const choiceSchema = z.enum([...strategySchema.options, ...algorithmNames]);
export type Choice = z.infer<typeof choiceSchema>;

/** What can be chosen for each type of goal. The first is what the layer below does. */
export const choicesOf = {
  broadcast: ['performance_optimized', 'foundation', 'hierarchical'],
  gather: ['performance_optimized', 'foundation', 'hierarchical'],
  consensus: ['performance_optimized'],
  load_balance: [
    'resource_aware',
    'least_connections',
    'weighted_response_time',
    'peak_ewma',
    'power_of_two',
    'adaptive',
  ],
} as const satisfies Readonly<Record<(typeof goalTypes)[number], readonly Choice[]>>;

/** A value that was predicted, and between which bounds it lies as often as the model claims. */
export const estimateSchema = z.object({
  expected: z.number(),
  low: z.number(),
  high: z.number(),
});
export type Estimate = z.infer<typeof estimateSchema>;

/** A way that could be taken, and what the model expects of it. */
export const candidateSchema = z.object({
  choice: choiceSchema,
  samples: z.int().nonnegative().describe('Outcomes of it that the model learned from.'),
  durationMs: estimateSchema.nullable().describe('Null: too few outcomes to say.'),
  success: estimateSchema
    .nullable()
    .describe('Share of agents, or units of work, that do their part. Null: too few outcomes to say.'),
});
export type Candidate = z.infer<typeof candidateSchema>;

export const confidenceSchema = fraction
  .nullable()
  .describe('How likely what the model recommends is better than what the layer below does.');

/** Why the intelligence layer chose as it did, or did not serve. */
export const choosingSchema = z.object({
  serving: z.boolean().describe('Whether the intelligence layer chose; else the layer below serves.'),
  reason: z
    .enum(['chosen', 'explored', 'no_model', 'no_gain', 'unsure', 'stale', 'demoted'])
    .describe(
      '`chosen` by the model, `explored` by chance. The layer below serves when there is no model yet (`no_model`), it ' +
        'finds nothing better than what the layer below does (`no_gain`), it is not sure enough (`unsure`), nothing was ' +
        'heard of the intelligence service for too long (`stale`), or an anomaly took the layer out (`demoted`).',
    ),
  choice: choiceSchema.describe('What was chosen; after a fall something simpler was done, as `layer` says.'),
  below: choiceSchema.describe('What the layer below does.'),
  propensity: z.number().positive().max(1).describe('How likely this choice was.'),
  version: z.int().positive().nullable().describe('Of the model.'),
  confidence: confidenceSchema,
  reasoning: z.string().max(1_024).describe('The path through the model, in words.'),
  candidates: z.array(candidateSchema).max(16),
});
export type Choosing = z.infer<typeof choosingSchema>;

/** How a coordination ended, for the models to learn from. */
export const outcomeSchema = z.strictObject({
  coordinationId: idText(),
  type: z.enum(goalTypes),
  status: statusSchema,
  layer: layerSchema,
  user: idText().describe('Who asked for it.'),
  choice: choiceSchema,
  propensity: z
    .number()
    .positive()
    .max(1)
    .describe(
      'How likely this choice is among the outcomes of such a situation that are told of: when not all can be, those that ' +
        'chance tried are told of more often.',
    ),
  features: featuresSchema,
  durationMs,
  success: fraction.describe('Share of the agents, or of the units of work, that did their part.'),
  choosing: choosingSchema.nullable().describe('Null where no model was asked.'),
  traceId: z.string().max(64),
  at: z.iso.datetime(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** What is known of an agent when work is sent to it, in this order. */
export const workFeatureNames = ['latencyMs', 'inFlight', 'occupancy', 'reportedLoad'] as const;

/** How one piece of work went at an agent, as the coordinator measured it. */
export const workSampleSchema = z.strictObject({
  agentId: agentIdSchema,
  node: nodeIdSchema.nullable(),
  features: z.strictObject({
    latencyMs: durationMs.describe('What its answers took of late, as measured.'),
    inFlight: z.int().nonnegative().max(1_000_000).describe('Work that it had, with this piece.'),
    occupancy: z
      .number()
      .nonnegative()
      .max(1_000_000)
      .describe('The same as a share of what it takes at once.'),
    reportedLoad: fraction.describe('How busy it says it is.'),
  }),
  latencyMs: durationMs.describe('Until it answered, as measured.'),
  ok: z.boolean(),
});
export type WorkSample = z.infer<typeof workSampleSchema>;

/** Coordinator → intelligence: what happened since the report before. Told again until it was acknowledged. */
export const outcomeReportSchema = z.strictObject({
  coordinatorId: nodeIdSchema,
  life: idText().describe('This process of the coordinator.'),
  sequence: z.int().nonnegative().describe('Numbers its reports: a repeat has the number of the first.'),
  outcomes: z.array(outcomeSchema).max(limits.reportedOutcomesMax),
  work: z.array(workSampleSchema).max(limits.reportedWorkMax),
});
export type OutcomeReport = z.infer<typeof outcomeReportSchema>;

export const outcomeReportReplySchema = z.object({
  stored: z.int().nonnegative(),
  duplicates: z.int().nonnegative().describe('Known already, and not learned from again.'),
});
export type OutcomeReportReply = z.infer<typeof outcomeReportReplySchema>;
