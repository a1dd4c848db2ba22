import { type DynamicModule, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { GossipModule } from '@nexus/platform/gossip';
import { JobQueue } from '@nexus/platform/jobs';
import { EventPublisher, lineProvider, NatsModule } from '@nexus/platform/nats';
import { RedisConnection, RedisModule } from '@nexus/platform/redis';
import { routeFollowerProvider, routesHint } from '@nexus/platform/routes';
import { type Composition, type ServiceBlueprint } from '@nexus/platform/service';
import { RouteFollower } from '@nexus/routes';
import { AnomaliesController } from './anomalies/anomalies.controller.js';
import { AnomaliesHandler } from './anomalies/anomalies.handler.js';
import { CollectController } from './collect/collect.controller.js';
import { CollectHandler } from './collect/collect.handler.js';
import { DismissController } from './dismiss/dismiss.controller.js';
import { DismissHandler } from './dismiss/dismiss.handler.js';
import { ExplainController } from './explain/explain.controller.js';
import { ExplainHandler } from './explain/explain.handler.js';
import { Figures } from './figures.js';
import { History } from './history/history.js';
import { type IntelligenceConfig, intelligenceFields } from './intelligence.config.js';
import { JOBS, jobProviders, storeProviders, watchProviders } from './intelligence.providers.js';
import { LearnController } from './learn/learn.controller.js';
import { LearnHandler } from './learn/learn.handler.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsHandler } from './models/models.handler.js';
import { PlaceController } from './place/place.controller.js';
import { PlaceHandler } from './place/place.handler.js';
import { RecentWork } from './place/recent-work.js';
import { PredictController } from './predict/predict.controller.js';
import { PredictHandler } from './predict/predict.handler.js';
import { UsualSituation } from './predict/usual-situation.js';
import { ModelsInUse } from './registry/models-in-use.js';
import { Registry } from './registry/registry.js';
import { RollbackController } from './rollback/rollback.controller.js';
import { RollbackHandler } from './rollback/rollback.handler.js';
import { SnapshotController } from './snapshot/snapshot.controller.js';
import { SnapshotHandler } from './snapshot/snapshot.handler.js';
import { TrainController } from './train/train.controller.js';
import { TrainHandler } from './train/train.handler.js';
import { TrainingSchedule } from './training/training-schedule.js';
import { DriftWatch } from './watch/drift-watch.js';

/** The intelligence service's composition root. */
@Module({})
export class IntelligenceModule implements OnApplicationShutdown {
  constructor(private readonly follower: RouteFollower) {}

  static for({ config, instance, nats }: Composition<IntelligenceConfig>): DynamicModule {
    const { redisUrl: url, prefix } = config;
    return {
      module: IntelligenceModule,
      imports: [
        NatsModule.for(nats),
        GossipModule.for({ config, instance, service: 'intelligence', drops: nats.drops }),
        // A report of a coordinator is a script over hundreds of entries.
        RedisModule.for({ url, prefix, name: instance.incarnation, commandTimeoutMs: 3_000 }),
      ],
      controllers: [
        ...[AnomaliesController, CollectController, DismissController, ExplainController, LearnController],
        ...[ModelsController, PlaceController, PredictController, RollbackController, SnapshotController],
        TrainController,
      ],
      providers: [
        {
          provide: JOBS,
          useFactory: () =>
            JobQueue.open({
              ...{ url, prefix, queue: 'intelligence', name: `${instance.incarnation}-jobs` },
              jobTimeoutMs: config.trainingTimeoutMs,
            }),
        },
        ...storeProviders(config),
        ...jobProviders(config),
        ...watchProviders(config, instance),
        ...routeProviders,
        ...handlers,
        {
          provide: PredictHandler,
          inject: [ModelsInUse, UsualSituation],
          useFactory: (inUse: ModelsInUse, usual: UsualSituation) =>
            new PredictHandler(inUse, usual, config.confidenceMin),
        },
      ],
    };
  }

  onApplicationShutdown(): void {
    this.follower.stop();
  }
}

const routeProviders: Provider[] = [lineProvider('bulk'), routeFollowerProvider, routesHint];

/** A handler of what it is injected with. */
const handler = <A extends unknown[]>(
  provide: new (...parts: A) => object,
  ...inject: { [K in keyof A]: abstract new (...args: never[]) => A[K] }
): Provider => ({ provide, inject, useFactory: (...parts: A) => new provide(...parts) });

const handlers: Provider[] = [
  handler(AnomaliesHandler, ModelsInUse),
  handler(CollectHandler, History, DriftWatch),
  handler(DismissHandler, Registry, ModelsInUse, EventPublisher),
  handler(ExplainHandler, History),
  handler(LearnHandler, History),
  handler(ModelsHandler, Registry, ModelsInUse, History, Figures),
  handler(PlaceHandler, RouteFollower, RecentWork, ModelsInUse),
  handler(RecentWork, History),
  handler(RollbackHandler, Registry, ModelsInUse, EventPublisher),
  handler(SnapshotHandler, ModelsInUse),
  handler(TrainHandler, TrainingSchedule),
  handler(UsualSituation, History),
];

/** Below the second after which a health probe gives a check up, so that its own reason is told; in milliseconds. */
const readyTimeoutMs = 900;

export const intelligenceService: ServiceBlueprint<IntelligenceConfig> = {
  name: 'intelligence',
  description: 'Learns from every coordination: what is best when, how long it takes, what is not as usual.',
  fields: intelligenceFields,
  compose: (composition) => IntelligenceModule.for(composition),
  checks: (app) => ({
    redis: () => app.get(RedisConnection, { strict: false }).whenConnected(readyTimeoutMs),
  }),
};
