import { z } from 'zod';
import { goalTypes } from './coordinate.js';
import { agentIdSchema, idText, nodeIdSchema } from './ids.js';
import { limits } from './limits.js';
import { demotionSchema, modelScoresSchema, probationSchema } from './models.js';
import {
  candidateSchema,
  choiceSchema,
  confidenceSchema,
  featuresSchema,
  outcomeSchema,
} from './outcomes.js';

const at = z.iso.datetime();
const count = z.int().nonnegative();
const goalType = z.enum(goalTypes);
const version = z.int().positive();

export const predictRequestSchema = z.strictObject({
  type: goalType.describe('What is to be coordinated.'),
  features: featuresSchema
    .partial()
    .default({})
    .describe('The situation; what is left out is taken as usual for this type, and named in the reply.'),
});
export type PredictRequest = z.infer<typeof predictRequestSchema>;

export const predictReplySchema = z.object({
  type: goalType,
  recommended: choiceSchema.describe(
    'What the coordinators would do; without a model, what the layer below does.',
  ),
  reason: z
    .enum(['chosen', 'no_model', 'no_gain', 'unsure'])
    .describe(
      '`chosen` by the model; `no_model`: not enough outcomes yet; `no_gain`: nothing is better than what the layer below ' +
        'does; `unsure`: below the threshold.',
    ),
  confidence: confidenceSchema,
  reasoning: z.string().describe('The path through the model, in words.'),
  below: choiceSchema.describe('What the layer below does.'),
  candidates: z.array(candidateSchema),
  features: featuresSchema,
  assumed: z.array(z.string()).describe('Features that the request left out.'),
  model: z.object({ version, trainedAt: at, scores: modelScoresSchema }).nullable(),
});
export type PredictReply = z.infer<typeof predictReplySchema>;

/** An outcome that somebody else saw: who tells it is the last token of the subject. It helps to predict, and never to choose. */
export const learnRequestSchema = outcomeSchema.pick({
  ...{ coordinationId: true, type: true, choice: true },
  ...{ features: true, durationMs: true, success: true },
});
export type LearnRequest = z.infer<typeof learnRequestSchema>;
export const learnReplySchema = z.object({
  accepted: z.boolean(),
  reason: z
    .enum(['stored', 'duplicate', 'over_quota'])
    .describe('`over_quota`: this caller has as many outcomes in the history as one may have.'),
});
export type LearnReply = z.infer<typeof learnReplySchema>;

export const modelsRequestSchema = z.strictObject({
  type: goalType.optional().describe('Only of this type of goal.'),
  limit: z.int().min(1).max(100).default(20).describe('Versions of each type, the newest first.'),
});
export type ModelsRequest = z.infer<typeof modelsRequestSchema>;

/** One version that was trained, whether or not it was ever used. */
export const modelVersionSchema = z.object({
  type: goalType,
  version,
  state: z
    .enum(['champion', 'former', 'rejected', 'rolled_back'])
    .describe(
      '`champion`: in use. `former`: was. `rejected`: not better by the margin. `rolled_back`: taken back.',
    ),
  trainedAt: at,
  scores: modelScoresSchema,
  reason: z.string().describe('Why it is in that state.'),
  rules: z.array(z.string()).describe('What it says, one line a case.'),
});
export type ModelVersion = z.infer<typeof modelVersionSchema>;

export const modelsReplySchema = z.object({
  models: z.array(modelVersionSchema),
  latency: z
    .object({
      version,
      trainedAt: at,
      samples: count,
      errorLog: z.number(),
      baselineErrorLog: z.number(),
    })
    .nullable()
    .describe('The model of how long work takes at an agent.'),
  training: z.object({
    everyMs: z.int().positive(),
    lastTrainedAt: at.nullable(),
    overdue: z.boolean().describe('Nothing was trained for twice as long as it should have been.'),
    runs: count.describe('Trainings since this process began.'),
    drifts: count.describe('Drifts noticed since then; each brings a training forward.'),
  }),
  history: z.object({
    outcomes: count,
    work: count,
    max: count.describe('Outcomes that are kept at most, and samples of work.'),
    duplicates: count.describe('Told again, and learned from once.'),
    refused: count.describe('Over the quota of one caller.'),
  }),
  revision: count,
});
export type ModelsReply = z.infer<typeof modelsReplySchema>;

export const rollbackRequestSchema = z.strictObject({
  type: goalType,
  version: version
    .optional()
    .describe(
      'The version to use from now on. Default: the one before the one in use; none if there was none.',
    ),
});
export type RollbackRequest = z.infer<typeof rollbackRequestSchema>;
export const rollbackReplySchema = z.object({
  type: goalType,
  from: version.nullable(),
  to: version.nullable().describe('Null: no model is in use any more; the layer below serves.'),
  revision: count,
});
export type RollbackReply = z.infer<typeof rollbackReplySchema>;

export const trainReplySchema = z.object({
  jobId: z.string().describe('Of the training, which may already have been waiting.'),
});
export type TrainReply = z.infer<typeof trainReplySchema>;

export const placeRequestSchema = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(limits.affinityCharsMax)
    .describe('Names what is to be placed; the same key stays.'),
  count: z.int().min(1).max(limits.placementsMax).default(1).describe('How many agents or tasks.'),
  nodes: z
    .array(nodeIdSchema)
    .min(1)
    .max(limits.placementNodesMax)
    .optional()
    .describe('Where it may go. Default: all nodes that have agents.'),
});
export type PlaceRequest = z.infer<typeof placeRequestSchema>;
export const placeReplySchema = z.object({
  placed: z.array(nodeIdSchema).describe('A node for each, in order.'),
  by: z
    .enum(['model', 'consistent_hashing'])
    .describe('`consistent_hashing` with bounded loads: too little is known of some of the nodes.'),
  reason: z.string(),
  nodes: z.array(
    z.object({
      node: nodeIdSchema,
      agents: count,
      predictedMs: z.number().nonnegative().nullable().describe('What work there would take.'),
      samples: count,
      share: z.number().min(0).max(1).describe('Of what is placed.'),
    }),
  ),
});
export type PlaceReply = z.infer<typeof placeReplySchema>;

export const anomaliesRequestSchema = z.strictObject({
  limit: z.int().min(1).max(limits.listLimitMax).default(50).describe('Of what happened, the latest first.'),
});
export type AnomaliesRequest = z.infer<typeof anomaliesRequestSchema>;

/** Something that is not as usual, and what was done about it. */
export const anomalySchema = z.object({
  kind: z.enum(['agent', 'goal_class']),
  agentId: agentIdSchema.optional(),
  type: goalType.optional(),
  response: z
    .enum(['probation', 'ejection', 'demotion', 'noted', 'cleared', 'dismissed'])
    .describe('`noted`: nothing simpler could serve it, and so nothing was done.'),
  evidence: z.object({
    samples: count,
    observed: z.number().describe('What was measured, in milliseconds; of success, a share.'),
    usual: z.number().describe('What was usual before of the same agent, or type of goal, in the same unit.'),
    deviations: z
      .number()
      .describe('How far off what is usual, in robust standard deviations; of an agent, beside the others.'),
    measure: z.enum(['latency', 'duration', 'success']),
  }),
  at,
});
export type Anomaly = z.infer<typeof anomalySchema>;

export const anomaliesReplySchema = z.object({
  probation: z.array(probationSchema),
  demotions: z.array(demotionSchema),
  recent: z.array(anomalySchema),
});
export type AnomaliesReply = z.infer<typeof anomaliesReplySchema>;

export const dismissRequestSchema = z
  .strictObject({
    agentId: agentIdSchema.optional(),
    type: goalType.optional(),
    quietMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(600_000)
      .describe('For so long nothing is held against it, in milliseconds.'),
  })
  .refine(({ agentId, type }) => (agentId === undefined) !== (type === undefined), {
    error: 'name an agent or a type of goal, and not both',
  });
export type DismissRequest = z.infer<typeof dismissRequestSchema>;
export const dismissReplySchema = z.object({
  dismissed: z.boolean().describe('False: nothing was held against it.'),
  revision: count,
});
export type DismissReply = z.infer<typeof dismissReplySchema>;

export const explainRequestSchema = z.strictObject({ coordinationId: idText() });
export type ExplainRequest = z.infer<typeof explainRequestSchema>;
/** A coordination of the history: what it met, what was chosen and why, and what came of it. */
export const explainReplySchema = outcomeSchema.loose();
export type ExplainReply = z.infer<typeof explainReplySchema>;

/** What the events `model.promoted` and `model.rolled_back` tell. */
export const modelChangeSchema = z.object({
  type: goalType,
  version: version.nullable(),
  previous: version.nullable(),
  reason: z.string(),
  scores: modelScoresSchema.nullable(),
  at,
});
