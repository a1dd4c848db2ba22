import { type DynamicModule, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { nodeIdSchema, parse } from '@nexus/contracts';
import { Drops, EventPublisher, NATS_PREFIX, NatsModule } from '@nexus/platform/nats';
import {
  RedisConnection,
  RedisModule,
  RedisOutcomeStore,
  RedisRoundRobinCounter,
} from '@nexus/platform/redis';
import { loadSnapshotOverNats, RouteFollower } from '@nexus/platform/routes';
import { type Composition, type ServiceBlueprint, type ServiceInstance } from '@nexus/platform/service';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { CoordinateController } from './coordinate/coordinate.controller.js';
import { Conductor } from './coordinate/conductor.js';
import { CoordinateHandler } from './coordinate/coordinate.handler.js';
import { EventClock } from './coordination/event-clock.js';
import { type CoordinatorConfig, coordinatorFields } from './coordinator.config.js';
import {
  DECISION_LOG,
  type DecisionLog,
  natsDecisionLog,
  unrepeatedDecisionLog,
} from './decisions/decision-log.js';
import { DecisionRecorder } from './decisions/decision-recorder.js';
import { CoordinatorDuties, dutiesElection } from './duties/coordinator-duties.js';
import { DutyRound } from './duties/duty-round.js';
import { FleetCensusDuty } from './duties/fleet-census.duty.js';
import { Office } from './duties/office.js';
import { ExclusiveAgents } from './exclusive/exclusive-agents.js';
import { AgentLine } from './fleet/agent-line.js';
import { Fleet } from './fleet/fleet.js';
import { foundationLayer } from './foundation/foundation.layer.js';
import { IdempotentRequests } from './idempotency/idempotent-requests.js';
import { Ladder } from './ladder/ladder.js';
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
        RedisModule.for({ url: config.redisUrl, prefix: config.prefix, name: instance.incarnation }),
      ],
      controllers: [CoordinateController],
      providers: [
        CoordinateHandler,
        Conductor,
        ...fleetProviders(instance),
        ...decisionProviders,
        ...servingProviders(config, instance),
        dutiesProvider(config, instance),
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
    inject: [Connection, ReplyInbox, NATS_PREFIX],
    useFactory: (connection: Connection, replies: ReplyInbox, prefix: string) =>
      new AgentLine({ connection, replies, prefix, self: instance.nodeId }),
  },
];

const decisionProviders: Provider[] = [
  { provide: DECISION_LOG, inject: [Caller], useFactory: natsDecisionLog },
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

const dutiesProvider = (config: CoordinatorConfig, instance: ServiceInstance): Provider => ({
  provide: CoordinatorDuties,
  inject: [Caller, Fleet, EventPublisher],
  useFactory: (caller: Caller, fleet: Fleet, events: EventPublisher) => {
    const log = unrepeatedDecisionLog(caller);
    const { officeTtlMs: ttlMs, censusIntervalMs: intervalMs } = config;
    const office = new Office({ log, election: dutiesElection, candidate: instance.incarnation, ttlMs });
    const self = parse(nodeIdSchema, instance.nodeId, 'node id');
    const census = new FleetCensusDuty({ fleet, log, events, self, timeoutMs: intervalMs });
    return new CoordinatorDuties(office, [new DutyRound({ office, duty: census, intervalMs })]);
  },
});

const servingProviders = (config: CoordinatorConfig, { incarnation }: ServiceInstance): Provider[] => [
  { provide: EventClock, useValue: new EventClock(incarnation) },
  {
    provide: Ladder,
    inject: [AgentLine, Fleet, RedisRoundRobinCounter, DecisionRecorder],
    useFactory: (
      line: AgentLine,
      fleet: Fleet,
      counter: RedisRoundRobinCounter,
      recorder: DecisionRecorder,
    ) => new Ladder([foundationLayer({ line, fleet, counter, agentWindow: config.agentWindow }, recorder)]),
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
