import { type DynamicModule, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { GossipModule } from '@nexus/platform/gossip';
import { Drops, EventPublisher, NATS_PREFIX, NatsModule } from '@nexus/platform/nats';
import { RedisConnection, RedisModule } from '@nexus/platform/redis';
import { routesHint } from '@nexus/platform/routes';
import { type Composition, type ServiceBlueprint } from '@nexus/platform/service';
import { RouteFollower, serviceFeed } from '@nexus/routes';
import { Connection } from '@nexus/wire';
import { RouteChanges } from './changes/route-changes.js';
import { RouteRegistry } from './changes/route-registry.js';
import { DeregisterController } from './deregister/deregister.controller.js';
import { DeregisterHandler } from './deregister/deregister.handler.js';
import { GetController } from './get/get.controller.js';
import { GetHandler } from './get/get.handler.js';
import { HeartbeatBatches } from './heartbeat/heartbeat-batches.js';
import { HeartbeatController } from './heartbeat/heartbeat.controller.js';
import { HeartbeatHandler } from './heartbeat/heartbeat.handler.js';
import { HostsDeregisterController } from './hosts-deregister/hosts-deregister.controller.js';
import { HostsDeregisterHandler } from './hosts-deregister/hosts-deregister.handler.js';
import { HostsHeartbeatController } from './hosts-heartbeat/hosts-heartbeat.controller.js';
import { HostsHeartbeatHandler } from './hosts-heartbeat/hosts-heartbeat.handler.js';
import { HostsRegisterController } from './hosts-register/hosts-register.controller.js';
import { HostsRegisterHandler } from './hosts-register/hosts-register.handler.js';
import { AgentViews } from './list/agent-views.js';
import { ListController } from './list/list.controller.js';
import { ListHandler } from './list/list.handler.js';
import { LivenessMonitor } from './liveness/liveness-monitor.js';
import { LivenessTimes } from './liveness/liveness-times.js';
import { RegisterController } from './register/register.controller.js';
import { RegisterHandler } from './register/register.handler.js';
import { type RoutingConfig, routingFields } from './routing.config.js';
import { RoutesController } from './routes/routes.controller.js';
import { RoutesHandler } from './routes/routes.handler.js';
import { SnapshotController } from './snapshot/snapshot.controller.js';
import { SnapshotHandler } from './snapshot/snapshot.handler.js';
import { RouteReader } from './store/route-reader.js';
import { RouteStore } from './store/route-store.js';
import { StoreLoader } from './store/store-loader.js';

/** The routing service's composition root. */
@Module({})
export class RoutingModule implements OnApplicationShutdown {
  constructor(private readonly follower: RouteFollower) {}

  static for({ config, instance, nats }: Composition<RoutingConfig>): DynamicModule {
    const times = new LivenessTimes({
      heartbeatMs: config.agentHeartbeatMs,
      ttlMs: config.agentTtlMs,
      phiSuspect: config.agentPhiSuspect,
    });
    return {
      module: RoutingModule,
      imports: [
        NatsModule.for(nats),
        GossipModule.for({ config, instance, service: 'routing', drops: nats.drops }),
        RedisModule.for({ url: config.redisUrl, prefix: config.prefix, name: instance.incarnation }),
      ],
      controllers: [
        DeregisterController,
        GetController,
        HeartbeatController,
        HostsDeregisterController,
        HostsHeartbeatController,
        HostsRegisterController,
        ListController,
        RegisterController,
        RoutesController,
        SnapshotController,
      ],
      providers: [
        { provide: LivenessTimes, useValue: times },
        ...storeProviders,
        ...tableProviders,
        ...handlers,
        routesHint,
      ],
    };
  }

  onApplicationShutdown(): void {
    this.follower.stop();
  }
}

const handlers: Provider[] = [
  DeregisterHandler,
  GetHandler,
  HeartbeatHandler,
  HostsDeregisterHandler,
  HostsHeartbeatHandler,
  HostsRegisterHandler,
  ListHandler,
  RegisterHandler,
  RoutesHandler,
  SnapshotHandler,
];

const storeProviders: Provider[] = [
  {
    provide: RouteStore,
    inject: [RedisConnection, LivenessTimes],
    useFactory: (redis: RedisConnection, times: LivenessTimes) => new RouteStore(redis, times.terms),
  },
  {
    provide: RouteReader,
    inject: [RedisConnection, LivenessTimes],
    useFactory: (redis: RedisConnection, times: LivenessTimes) => new RouteReader(redis, times.terms),
  },
  {
    provide: AgentViews,
    inject: [RouteReader],
    useFactory: (reader: RouteReader) => new AgentViews(reader),
  },
];

const tableProviders: Provider[] = [
  {
    provide: RouteChanges,
    inject: [Connection, NATS_PREFIX, EventPublisher],
    useFactory: (connection: Connection, prefix: string, events: EventPublisher) =>
      new RouteChanges(connection, prefix, events),
  },
  {
    provide: StoreLoader,
    inject: [RouteStore, RouteReader, RouteChanges],
    useFactory: (store: RouteStore, reader: RouteReader, changes: RouteChanges) =>
      new StoreLoader(store, reader, changes),
  },
  {
    provide: RouteFollower,
    inject: [Connection, NATS_PREFIX, StoreLoader, Drops],
    useFactory: (connection: Connection, prefix: string, loader: StoreLoader, drops: Drops) =>
      new RouteFollower({ connection, prefix, drops, feed: serviceFeed, load: (held) => loader.load(held) }),
  },
  {
    provide: RouteRegistry,
    inject: [RouteStore, RouteFollower, RouteChanges],
    useFactory: (store: RouteStore, follower: RouteFollower, changes: RouteChanges) =>
      new RouteRegistry(store, follower, changes),
  },
  {
    provide: HeartbeatBatches,
    inject: [RouteRegistry],
    useFactory: (registry: RouteRegistry) => new HeartbeatBatches(registry),
  },
  {
    provide: LivenessMonitor,
    inject: [RouteRegistry, Connection, RedisConnection, LivenessTimes],
    useFactory: (registry: RouteRegistry, nats: Connection, redis: RedisConnection, times: LivenessTimes) =>
      new LivenessMonitor(registry, nats, redis, times),
  },
];

/** Just below the time that a health check may take, so that its own reason is told and not that it took too long. */
const readyTimeoutMs = 900;

export const routingService: ServiceBlueprint<RoutingConfig> = {
  name: 'routing',
  description: 'Keeps who the agents are, where they are and whether they live.',
  fields: routingFields,
  compose: (composition) => RoutingModule.for(composition),
  checks: (app) => ({
    redis: () => app.get(RedisConnection, { strict: false }).whenConnected(readyTimeoutMs),
    routes: () => app.get(RouteFollower).whenReady(readyTimeoutMs),
  }),
};
