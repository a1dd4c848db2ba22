import { z } from 'zod';
import { goalTypes, layerSchema } from './coordinate.js';
import { agentIdSchema, idText } from './ids.js';
import { choiceSchema } from './outcomes.js';

const at = z.iso.datetime();
const fraction = z.number().min(0).max(1);
const version = z.int().positive();

/** What a model was judged by before it was let in, on outcomes that it had not seen. */
export const modelScoresSchema = z.object({
  samples: z.int().nonnegative().describe('Outcomes that it learned from.'),
  heldOut: z.int().nonnegative().describe('Later outcomes that it was judged by.'),
  value: z.number().describe('Utility, 0 to 1, of choosing by it: doubly robust, on the held-out outcomes.'),
  baseline: z.number().describe('The same of what the layer below does.'),
  gain: z
    .object({ expected: z.number(), low: z.number(), high: z.number() })
    .describe('`value` less `baseline`, with its 95 % interval.'),
  durationErrorMs: z.number().nonnegative().describe('Mean absolute error of the predicted duration.'),
  coverage: fraction.describe('Share of durations that lay in the predicted interval.'),
  coverageClaimed: fraction,
});
export type ModelScores = z.infer<typeof modelScoresSchema>;

/** One way that a strategy model knows: how its duration and success are predicted. */
const choiceModelSchema = z.object({
  choice: choiceSchema,
  samples: z.int().nonnegative(),
  duration: z.unknown().describe('Linear, of log(1 + milliseconds); null when there were too few outcomes.'),
  durationOffsets: z.object({ low: z.number(), high: z.number() }).nullable(),
  success: z.unknown(),
  successOffsets: z.object({ low: z.number(), high: z.number() }).nullable(),
});

/** What a coordinator needs to choose for one type of goal. The parts are read by `core/learning`. */
export const strategyModelSchema = z.object({
  type: z.enum(goalTypes),
  version,
  trainedAt: at,
  choices: z.array(choiceModelSchema).min(1).max(16),
  tree: z
    .unknown()
    .describe('Which choice is best in which situation; null: nothing better than the layer below.'),
  scores: modelScoresSchema,
});
export type StrategyModelSnapshot = z.infer<typeof strategyModelSchema>;

/** What a coordinator needs to predict how long work takes at an agent. */
export const latencyModelSchema = z.object({
  version,
  trainedAt: at,
  samples: z.int().nonnegative(),
  linear: z
    .unknown()
    .describe('Of log(1 + milliseconds) from `workFeatureNames`, the first three as log(1 + x).'),
  errorLog: z.number().nonnegative().describe('Mean absolute error of the logarithm, on held-out samples.'),
  baselineErrorLog: z
    .number()
    .nonnegative()
    .describe(
      'The same of taking what was measured of the agent of late: a model that is no better is not used.',
    ),
});
export type LatencyModelSnapshot = z.infer<typeof latencyModelSchema>;

const remainingMs = z
  .number()
  .nonnegative()
  .describe(
    'Until it ends, when this was sent, in milliseconds: clocks differ, and how fast they go does not.',
  );

/** An agent that gets less work for a while. */
export const probationSchema = z.object({
  agentId: agentIdSchema,
  share: fraction.describe('Of the work that it would get; 0: none.'),
  reason: z.string(),
  since: at,
  until: at,
  remainingMs,
});
export type Probation = z.infer<typeof probationSchema>;

/** A type of goal that is served one layer lower for a while. */
export const demotionSchema = z.object({
  type: z.enum(goalTypes),
  maxLayer: layerSchema,
  reason: z.string(),
  since: at,
  until: at,
  remainingMs,
});
export type Demotion = z.infer<typeof demotionSchema>;

const epoch = idText().describe(
  'Another one when all that was known was lost; revisions of different ones do not compare.',
);

/** All that coordinators hold of the intelligence service; they predict by it in process. */
export const intelligenceSnapshotSchema = z.object({
  epoch,
  revision: z.int().nonnegative().describe('Grows with every change.'),
  strategies: z.array(strategyModelSchema).max(goalTypes.length),
  latency: latencyModelSchema.nullable(),
  probation: z.array(probationSchema).max(1_024),
  demotions: z.array(demotionSchema).max(goalTypes.length),
});
export type IntelligenceSnapshot = z.infer<typeof intelligenceSnapshotSchema>;

/** Told every other second: where the snapshot stands, and that somebody is there. */
export const intelligenceBeaconSchema = z.object({
  epoch,
  revision: z.int().nonnegative(),
  trainedAgeMs: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Since the models were trained last, whether or not that changed any; null: never.'),
});
export type IntelligenceBeacon = z.infer<typeof intelligenceBeaconSchema>;
