import {
  type ConfigOf,
  integerField,
  loadConfig,
  predictionFields,
  ratioField,
  redisFields,
  serviceFields,
} from '@nexus/platform/config';

export const intelligenceFields = {
  ...serviceFields,
  ...redisFields,
  ...predictionFields,
  trainingIntervalMs: integerField('NEXUS_TRAINING_INTERVAL_MS', {
    means: 'The time between two trainings; a drift, or a command, brings one forward.',
    trades: 'Shorter follows a changed world sooner, and costs a core for a moment each time.',
    unit: 'ms',
    min: 1_000,
    max: 86_400_000,
    default: 300_000,
  }),
  trainingSamples: integerField('NEXUS_TRAINING_SAMPLES', {
    means: 'The latest outcomes of each type of goal that a model is trained on.',
    trades: 'More is surer, and remembers longer what is no more.',
    unit: 'outcomes',
    min: 100,
    max: 10_000,
    default: 1_000,
  }),
  trainingSamplesMin: integerField('NEXUS_TRAINING_SAMPLES_MIN', {
    means: 'Fewer outcomes of a type are not trained on: the layer below goes on to serve it.',
    trades: 'Fewer begin sooner, with models that know little.',
    unit: 'outcomes',
    min: 50,
    max: 10_000,
    default: 100,
  }),
  trainingShareMax: ratioField('NEXUS_TRAINING_SHARE_MAX', {
    means:
      'The share of a training that the outcomes of one user, or the work of one agent, may be; where there are few of ' +
      'them, an equal one.',
    trades:
      'Lower lets no single one lead the models astray; where few users ask, less is left to learn from.',
    default: 0.25,
  }),
  trainingTimeoutMs: integerField('NEXUS_TRAINING_TIMEOUT_MS', {
    means: 'How long one training may take; then its thread is ended, and it is tried again.',
    trades: 'Longer suits slow machines; a training that hangs is noticed later.',
    unit: 'ms',
    min: 1_000,
    max: 600_000,
    default: 60_000,
  }),
  promotionMargin: ratioField('NEXUS_PROMOTION_MARGIN', {
    means: 'By how much, in utility (0 to 1), a model must surely be better before it takes over.',
    trades: 'Higher changes models seldom and for a clear gain; lower follows every small one.',
    default: 0.01,
  }),
  learnShareMax: ratioField('NEXUS_LEARN_SHARE_MAX', {
    means: 'The share of the history that outcomes told by others than coordinators may be.',
    trades: 'Higher learns more from outsiders; what they tell is never seen to be true.',
    default: 0.25,
  }),
  learnUserShareMax: ratioField('NEXUS_LEARN_USER_SHARE_MAX', {
    means: 'The share of these that one user may tell; more is refused as over quota.',
    trades: 'Lower keeps one user from crowding out the others.',
    default: 0.2,
  }),
  anomalyIntervalMs: integerField('NEXUS_ANOMALY_INTERVAL_MS', {
    means: 'How often agents and types of goal are compared with what is usual.',
    trades: 'More often notices sooner, and reads the history as often.',
    unit: 'ms',
    min: 200,
    max: 600_000,
    default: 5_000,
  }),
  anomalyWindowMs: integerField('NEXUS_ANOMALY_WINDOW_MS', {
    means: 'How far back work and outcomes count as recent.',
    trades: 'Shorter notices sooner; longer judges agents that have little to do, too.',
    unit: 'ms',
    min: 1_000,
    max: 3_600_000,
    default: 60_000,
  }),
  anomalySamplesMin: integerField('NEXUS_ANOMALY_SAMPLES_MIN', {
    means: 'Recent samples that an agent, or a type of goal, must have to be judged.',
    trades: 'Fewer judges sooner, and wrongly more often.',
    unit: 'samples',
    min: 5,
    max: 1_000,
    default: 20,
  }),
  anomalyDeviations: integerField('NEXUS_ANOMALY_DEVIATIONS', {
    means:
      'How far off its own usual one must be, in robust standard deviations, beside the others; and twice as slow at least.',
    trades: 'Lower holds more against agents that are merely a little slower.',
    unit: 'deviations',
    min: 2,
    max: 100,
    default: 4,
  }),
  anomalyHoldMs: integerField('NEXUS_ANOMALY_HOLD_MS', {
    means: 'How long a probation, an ejection or a demotion lasts; doubled each time up to ten times this.',
    trades: 'Shorter gives back what has recovered sooner, and what has not as well.',
    unit: 'ms',
    min: 500,
    max: 3_600_000,
    default: 60_000,
  }),
};

export type IntelligenceConfig = ConfigOf<typeof intelligenceFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadIntelligenceConfig = (env = process.env): IntelligenceConfig =>
  loadConfig({ service: 'intelligence', fields: intelligenceFields, env });
