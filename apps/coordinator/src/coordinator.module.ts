import { type DynamicModule, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { InFlightSharing } from '@nexus/balancer';
import { GossipModule } from '@nexus/platform/gossip';
import { type Line, lineProvider, lineToken, NATS_PREFIX, NatsModule } from '@nexus/platform/nats';
import {
  RedisConnection,
  RedisModule,
  RedisOutcomeStore,
  RedisRoundRobinCounter,
} from '@nexus/platform/redis';
import { routeFollowerProvider, routesHint } from '@nexus/platform/routes';
import { type Composition, type ServiceBlueprint, type ServiceInstance } from '@nexus/platform/service';
import { AddressBook, RouteFollower } from '@nexus/routes';
import { AssignController } from './assign/assign.controller.js';
import { AgentHearsay } from './causal/agent-hearsay.js';
import { CausalTelling } from './causal/causal-telling.js';
import { causalProviders } from './causal/causal.providers.js';
import { CoordinateController } from './coordinate/coordinate.controller.js';
import { Conductor } from './coordinate/conductor.js';
import { CoordinateHandler } from './coordinate/coordinate.handler.js';
import { Outcomes } from './coordinate/outcomes.js';
import { CoordinatedRun } from './coordinated/coordinated-run.js';
import { type CoordinatorConfig, coordinatorFields } from './coordinator.config.js';
import { DECISION_LOG, type DecisionLog, unrepeatedDecisionLog } from './decisions/decision-log.js';
import { DecisionRecorder } from './decisions/decision-recorder.js';
import { dutiesProviders } from './duties/duties.providers.js';
import { ExclusiveAgents } from './exclusive/exclusive-agents.js';
import { AgentLine } from './fleet/agent-line.js';
import { Fleet } from './fleet/fleet.js';
import { foundationLayer } from './foundation/foundation.layer.js';
import { IdempotentRequests } from './idempotency/idempotent-requests.js';
import { Considering } from './intelligence/considering.js';
import { intelligenceLayer } from './intelligence/intelligence.layer.js';
import { intelligenceProviders } from './intelligence/intelligence.providers.js';
import { IntelligenceUse } from './intelligence/intelligence-use.js';
import { Ladder } from './ladder/ladder.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { metricsProviders } from './metrics/metrics.providers.js';
import { type BroadcastParts } from './patterns/broadcast.pattern.js';
import { type BalancedWorkParts } from './performance/balanced-plan.js';
import { BalancedWork } from './performance/balanced-work.js';
import { performanceLayer } from './performance/performance.layer.js';
import { BALANCED_WORK, performanceProviders } from './performance/performance.providers.js';
import { peersProviders } from './peers/peers.providers.js';
import { PolicyController } from './policy/policy.controller.js';
import { PolicyHandler } from './policy/policy.handler.js';
import { SettingsFollower } from './settings/settings-follower.js';

/** The coordinator's composition root. */
@Module({})
export class CoordinatorModule implements OnApplicationShutdown {
  constructor(
    private readonly follower: RouteFollower,
    private readonly settings: SettingsFollower,
    private readonly inFlight: InFlightSharing,
    private readonly intelligence: IntelligenceUse,
  ) {}

  static for({ config, instance, nats }: Composition<CoordinatorConfig>): DynamicModule {
    return {
      module: CoordinatorModule,
      imports: [
        NatsModule.for(nats),
        GossipModule.for({ config, instance, service: 'coordinator', drops: nats.drops }),
        RedisModule.for({ url: config.redisUrl, prefix: config.prefix, name: instance.incarnation }),
      ],
      controllers: [CoordinateController, AssignController, PolicyController, MetricsController],
      providers: [
        CoordinateHandler,
        Conductor,
        Outcomes,
        ...fleetProviders(instance),
        ...peersProviders,
        ...causalProviders(instance),
        ...decisionProviders,
        {
          provide: PolicyHandler,
          inject: [SettingsFollower],
          useFactory: (settings: SettingsFollower) => new PolicyHandler(config, settings),
        },
        ...performanceProviders(config, instance),
        ...metricsProviders(instance),
        ...intelligenceProviders(config, instance),
        ...servingProviders(config, instance),
        ...dutiesProviders(config, instance),
        routesHint,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    this.follower.stop();
    this.settings.stop();
    this.inFlight.stop();
    await this.intelligence.stop();
  }
}

const fleetProviders = (instance: ServiceInstance): Provider[] => [
  lineProvider('control'),
  lineProvider('agents'),
  lineProvider('bulk'),
  routeFollowerProvider,
  { provide: Fleet, inject: [RouteFollower], useFactory: (follower: RouteFollower) => new Fleet(follower) },
  {
    provide: AddressBook,
    inject: [NATS_PREFIX, Fleet],
    useFactory: (prefix: string, fleet: Fleet) => new AddressBook(prefix, (agentId) => fleet.find(agentId)),
  },
  {
    provide: AgentLine,
    inject: [lineToken('agents'), AddressBook, AgentHearsay],
    useFactory: ({ connection, replies }: Line, addresses: AddressBook, { learn }: AgentHearsay) =>
      new AgentLine({ connection, replies, addresses, self: instance.nodeId, onSeen: learn }),
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
    inject: [lineToken('control'), NATS_PREFIX],
    useFactory: ({ connection, caller }: Line, prefix: string) =>
      new SettingsFollower({ connection, prefix, log: unrepeatedDecisionLog(caller) }),
  },
];

const BROADCAST_PARTS = Symbol('BroadcastParts');

const servingProviders = (config: CoordinatorConfig, { incarnation }: ServiceInstance): Provider[] => [
  {
    provide: BROADCAST_PARTS,
    inject: [AgentLine, CausalTelling, Fleet, AgentHearsay],
    useFactory: (
      line: AgentLine,
      causal: CausalTelling,
      fleet: Fleet,
      hearsay: AgentHearsay,
    ): BroadcastParts => ({
      causal,
      coordinated: new CoordinatedRun({ line, fleet, telling: causal, hearsay }),
    }),
  },
  {
    provide: Ladder,
    inject: [RedisRoundRobinCounter, DecisionRecorder, BROADCAST_PARTS, BALANCED_WORK, Considering],
    useFactory: (
      counter: RedisRoundRobinCounter,
      recorder: DecisionRecorder,
      broadcasts: BroadcastParts,
      balanced: BalancedWorkParts,
      considering: Considering,
    ) => {
      const { line, fleet } = balanced;
      const work = { line, fleet, counter, agentWindow: config.agentWindow };
      const foundation = foundationLayer({ work, recorder, broadcasts });
      const performance = performanceLayer({ work: balanced, recorder, broadcasts });
      const below = [foundation, performance];
      return new Ladder([
        ...below,
        intelligenceLayer({ considering, below, work: new BalancedWork(balanced) }),
      ]);
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
  workers: ({ workers }) => workers,
  compose: (composition) => CoordinatorModule.for(composition),
  checks: (app) => ({
    redis: () => app.get(RedisConnection, { strict: false }).whenConnected(readyTimeoutMs),
    routes: () => app.get(RouteFollower).whenReady(readyTimeoutMs),
  }),
};
