import { type Provider } from '@nestjs/common';
import { type JobQueue, type JobRun } from '@nexus/platform/jobs';
import { EventPublisher, NATS_PREFIX, ShownFigures } from '@nexus/platform/nats';
import { RedisConnection } from '@nexus/platform/redis';
import { type ServiceInstance } from '@nexus/platform/service';
import { RouteFollower } from '@nexus/routes';
import { Connection } from '@nexus/wire';
import { Figures, type FigureSources } from './figures.js';
import { History } from './history/history.js';
import { HistoryTail } from './history/history-tail.js';
import { type IntelligenceConfig } from './intelligence.config.js';
import { ModelsInUse } from './registry/models-in-use.js';
import { Registry } from './registry/registry.js';
import { Promotion } from './training/promotion.js';
import { TrainingJob } from './training/training-job.js';
import { jobs, TrainingSchedule } from './training/training-schedule.js';
import { trainInThread } from './training/training-thread.js';
import { DriftWatch } from './watch/drift-watch.js';
import { WatchJob } from './watch/watch-job.js';

export const JOBS = Symbol('Jobs');
const WORKING = Symbol('Working');
const FIGURE_SOURCES = Symbol('FigureSources');

/** What is kept in Redis, and what of it is held in memory. */
export const storeProviders = (config: IntelligenceConfig): Provider[] => [
  {
    provide: History,
    inject: [RedisConnection],
    useFactory: (redis: RedisConnection) => new History(redis, config),
  },
  {
    provide: HistoryTail,
    inject: [RedisConnection],
    useFactory: (redis: RedisConnection) => new HistoryTail(redis),
  },
  {
    provide: Registry,
    inject: [RedisConnection],
    useFactory: (redis: RedisConnection) => new Registry(redis),
  },
  {
    provide: ModelsInUse,
    inject: [Registry, Connection, NATS_PREFIX],
    useFactory: (registry: Registry, connection: Connection, prefix: string) =>
      new ModelsInUse({ registry, connection, prefix }),
  },
];

/** What is done again and again, by one of the replicas. */
export const jobProviders = (config: IntelligenceConfig): Provider[] => [
  {
    provide: TrainingSchedule,
    inject: [JOBS],
    useFactory: (queue: JobQueue) =>
      new TrainingSchedule(queue, { trainMs: config.trainingIntervalMs, watchMs: config.anomalyIntervalMs }),
  },
  {
    provide: Promotion,
    inject: [Registry, ModelsInUse, EventPublisher],
    useFactory: (registry: Registry, inUse: ModelsInUse, events: EventPublisher) =>
      new Promotion(registry, inUse, events),
  },
  {
    provide: TrainingJob,
    inject: [History, Registry, Promotion],
    useFactory: (history: History, registry: Registry, promotion: Promotion) =>
      new TrainingJob(
        { history, registry, promotion, train: trainInThread },
        {
          ...{ samples: config.trainingSamples, samplesMin: config.trainingSamplesMin },
          ...{ shareMax: config.trainingShareMax, margin: config.promotionMargin },
        },
      ),
  },
  {
    provide: WatchJob,
    inject: [HistoryTail, Registry, ModelsInUse, EventPublisher, RouteFollower],
    useFactory: (
      tail: HistoryTail,
      registry: Registry,
      inUse: ModelsInUse,
      events: EventPublisher,
      follower: RouteFollower,
    ) =>
      new WatchJob(
        { tail, registry, inUse, events, agents: () => follower.table.size },
        {
          ...{ samplesMin: config.anomalySamplesMin, deviations: config.anomalyDeviations },
          ...{ windowMs: config.anomalyWindowMs, holdMs: config.anomalyHoldMs },
          intervalMs: config.anomalyIntervalMs,
        },
      ),
  },
  {
    provide: WORKING,
    inject: [JOBS, TrainingJob, WatchJob],
    useFactory: (queue: JobQueue, training: TrainingJob, watch: WatchJob) =>
      queue.work(({ name, signal }: JobRun) => (name === jobs.train ? training.run(signal) : watch.run())),
  },
];

/** What is noticed on the way, and shown. */
export const watchProviders = (config: IntelligenceConfig, { nodeId }: ServiceInstance): Provider[] => [
  {
    provide: DriftWatch,
    inject: [Registry, TrainingSchedule, EventPublisher],
    useFactory: (registry: Registry, schedule: TrainingSchedule, events: EventPublisher) =>
      new DriftWatch({ registry, schedule, events }),
  },
  {
    provide: FIGURE_SOURCES,
    inject: [ModelsInUse, TrainingJob, DriftWatch, WatchJob, History],
    useFactory: (
      inUse: ModelsInUse,
      training: TrainingJob,
      drift: DriftWatch,
      watch: WatchJob,
      history: History,
    ): FigureSources => ({
      ...{ inUse, training, drift, watch, everyMs: config.trainingIntervalMs },
      readHistory: () => history.figures(),
    }),
  },
  {
    provide: Figures,
    inject: [FIGURE_SOURCES, ShownFigures],
    useFactory: (sources: FigureSources, shown: ShownFigures) =>
      new Figures(sources, shown, { service: 'intelligence', instanceId: nodeId }),
  },
];
