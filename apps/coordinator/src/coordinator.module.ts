import { type DynamicModule, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { GossipModule } from '@nexus/platform/gossip';
import { Drops, NATS_PREFIX, NatsModule } from '@nexus/platform/nats';
import {
  RedisConnection,
  RedisModule,
  RedisOutcomeStore,
  RedisRoundRobinCounter,
} from '@nexus/platform/redis';
import { loadSnapshotOverNats, RouteFollower, routesHint } from '@nexus/platform/routes';
import { type Composition, type ServiceBlueprint, type ServiceInstance } from '@nexus/platform/service';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { AgentHearsay } from './causal/agent-hearsay.js';
import { CausalTelling } from './causal/causal-telling.js';
import { causalProviders } from './causal/causal.providers.js';
import { CoordinateController } from './coordinate/coordinate.controller.js';
import { Conductor } from './coordinate/conductor.js';
import { CoordinateHandler } from './coordinate/coordinate.handler.js';
import { CoordinatedRun } from './coordinated/coordinated-run.js';
import { type CoordinatorConfig, coordinatorFields } from './coordinator.config.js';
import { DECISION_LOG, type DecisionLog, unrepeatedDecisionLog } from './decisions/decision-log.js';
import { DecisionRecorder } from './decisions/decision-recorder.js';
import { dutiesProviders } from './duties/duties.providers.js';
import { ExclusiveAgents } from './exclusive/exclusive-agents.js';
import { AgentLine } from './fleet/agent-line.js';
import { Fleet } from './fleet/fleet.js';
import { BroadcastPattern } from './foundation/broadcast.pattern.js';
import { foundationLayer } from './foundation/foundation.layer.js';
import { IdempotentRequests } from './idempotency/idempotent-requests.js';
import { Ladder } from './ladder/ladder.js';
import { peersProviders } from './peers/peers.providers.js';
import { SettingsFollower } from './settings/settings-follower.js';

/** The coordinator's composition root. */
@Module({})
export class CoordinatorModule implements OnApplicationShutdown {
  constructor(
    private readonly follower: RouteFollower,
    private readonly settings: SettingsFollower,
  ) {}

  static for({ config, instance, nats }: Composition<CoordinatorConfig>): DynamicModule {
    return {
      module: CoordinatorModule,
      imports: [
        NatsModule.for(nats),
        GossipModule.for({ config, instance, service: 'coordinator', drops: nats.drops }),
        RedisModule.for({ url: config.redisUrl, prefix: config.prefix, name: instance.incarnation }),
      ],
      controllers: [CoordinateController],
      providers: [
        CoordinateHandler,
        Conductor,
        ...fleetProviders(instance),
        ...peersProviders,
        ...causalProviders(instance),
        ...decisionProviders,
        ...servingProviders(config, instance),
        ...dutiesProviders(config, instance),
        routesHint,
      ],
    };
  }

  onApplicationShutdown(): void {
    this.follower.stop();
    this.settings.stop();
  }
}

const fleetProviders = (instance: ServiceInstance): Provider[] => [
  {
    provide: RouteFollower,
    inject: [Connection, NATS_PREFIX, Caller, Drops],
    useFactory: (connection: Connection, prefix: string, caller: Caller, drops: Drops) =>
      new RouteFollower({ connection, prefix, drops, load: loadSnapshotOverNats(caller) }),
  },
  { provide: Fleet, inject: [RouteFollower], useFactory: (follower: RouteFollower) => new Fleet(follower) },
  {
    provide: AgentLine,
    inject: [Connection, ReplyInbox, NATS_PREFIX, AgentHearsay],
    useFactory: (connection: Connection, replies: ReplyInbox, prefix: string, { learn }: AgentHearsay) =>
      new AgentLine({ connection, replies, prefix, self: instance.nodeId, onSeen: learn }),
  },
];

const decisionProviders: Provider[] = [
  {
    provide: DecisionRecorder,
    inject: [DECISION_LOG],
    useFactory: (log: DecisionLog) => new DecisionRecorder(log),
  },
  {
    provide: ExclusiveAgents,
    inject: [DECISION_LOG],
    useFactory: (log: DecisionLog) => new ExclusiveAgents(log),
  },
  {
    provide: SettingsFollower,
    inject: [Connection, NATS_PREFIX, Caller],
    useFactory: (connection: Connection, prefix: string, caller: Caller) =>
      new SettingsFollower({ connection, prefix, log: unrepeatedDecisionLog(caller) }),
  },
];

const servingProviders = (config: CoordinatorConfig, { incarnation }: ServiceInstance): Provider[] => [
  {
    provide: BroadcastPattern,
    inject: [AgentLine, CausalTelling, Fleet, AgentHearsay],
    useFactory: (line: AgentLine, telling: CausalTelling, fleet: Fleet, hearsay: AgentHearsay) =>
      new BroadcastPattern(line, telling, new CoordinatedRun({ line, fleet, telling, hearsay })),
  },
  {
    provide: Ladder,
    inject: [AgentLine, Fleet, RedisRoundRobinCounter, DecisionRecorder, BroadcastPattern],
    useFactory: (
      line: AgentLine,
      fleet: Fleet,
      counter: RedisRoundRobinCounter,
      recorder: DecisionRecorder,
      broadcast: BroadcastPattern,
    ) => {
      const work = { line, fleet, counter, agentWindow: config.agentWindow };
      return new Ladder([foundationLayer({ work, recorder, broadcast })]);
    },
  },
  {
    provide: IdempotentRequests,
    inject: [RedisOutcomeStore],
    useFactory: (store: RedisOutcomeStore) => new IdempotentRequests(store, incarnation),
  },
];

/** Below the second after which a health probe gives a check up, so that its own reason is told; in milliseconds. */
const readyTimeoutMs = 900;

export const coordinatorService: ServiceBlueprint<CoordinatorConfig> = {
  name: 'coordinator',
  description: 'Coordinates fleets of agents: broadcast, gather, consensus, load balancing.',
  fields: coordinatorFields,
  compose: (composition) => CoordinatorModule.for(composition),
  checks: (app) => ({
    redis: () => app.get(RedisConnection, { strict: false }).whenConnected(readyTimeoutMs),
    routes: () => app.get(RouteFollower).whenReady(readyTimeoutMs),
  }),
};
