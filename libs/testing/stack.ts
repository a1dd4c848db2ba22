import { pino } from 'pino';
import {
  type BaseConfig,
  type BootedService,
  bootService,
  nameInstance,
  nexusVersion,
  type ServiceBlueprint,
  whenReady,
} from '@nexus/platform/service';
import { installTelemetry } from '@nexus/platform/telemetry';
import { Connection } from '@nexus/wire';
import { loadConsensusConfig } from '../../apps/consensus/src/consensus.config.js';
import { consensusService } from '../../apps/consensus/src/consensus.module.js';
import { loadCoordinatorConfig } from '../../apps/coordinator/src/coordinator.config.js';
import { coordinatorService } from '../../apps/coordinator/src/coordinator.module.js';
import { loadGossipConfig } from '../../apps/gossip/src/gossip.config.js';
import { gossipService } from '../../apps/gossip/src/gossip.module.js';
import { loadIntelligenceConfig } from '../../apps/intelligence/src/intelligence.config.js';
import { intelligenceService } from '../../apps/intelligence/src/intelligence.module.js';
import { loadRoutingConfig } from '../../apps/routing/src/routing.config.js';
import { routingService } from '../../apps/routing/src/routing.module.js';
import { startTestServers, type TestServers } from './servers.js';

export interface TestStackOptions {
  /** Coordinators, each with a connection of its own. Default 1. */
  readonly coordinators?: number;
  /** Routing replicas. Default 1. */
  readonly routings?: number;
  /** Replicas of the decision log, kept in memory. Default 0: nobody serves it, and nothing else needs it. */
  readonly replicas?: number;
  /** Gossip services. Default 0: every service is a member by itself, and needs none. */
  readonly gossips?: number;
  /** Intelligence services. Default 0: coordinators choose without models. */
  readonly intelligences?: number;
  /** Added to the configuration of the NATS server; without credentials one must still get in. */
  readonly natsConfig?: string;
  /** Variables of the services, as `NEXUS_AGENT_TTL_MS`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A service of the stack, with the name that it goes by in answers and events. */
export interface TestService extends BootedService {
  readonly nodeId: string;
  /** Cuts its lines, as a kill does: nothing is said, nothing more is sent. */
  cut(): Promise<void>;
}

/** The services in this process, on real servers of their own. */
export interface TestStack {
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly servers: TestServers;
  readonly coordinators: readonly TestService[];
  readonly routings: readonly TestService[];
  readonly replicas: readonly TestService[];
  readonly gossips: readonly TestService[];
  readonly intelligences: readonly TestService[];
  /** A further connection, closed with the stack. */
  connect(name?: string): Promise<Connection>;
  /** Waits, after an outage of the broker, until it has the subscriptions of every service again. */
  resubscribed(): Promise<void>;
  stop(): Promise<void>;
}

const silent = pino({ level: 'silent' });
const readyTimeoutMs = 15_000;
const reconnectTimeoutMs = 15_000;

/** Starts servers and services on free ports; when it returns, requests are served. */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  // A test that wants spans has installed telemetry with its receiver before; then this changes nothing.
  installTelemetry({ service: 'test', instanceId: 'test', version: nexusVersion });
  const { natsConfig } = options;
  const servers = await startTestServers(natsConfig === undefined ? {} : { natsConfig });
  try {
    return await startOn(servers, options);
  } catch (error) {
    // Nobody else could: without this, a service that does not come up leaves two servers behind.
    await servers.stop();
    throw error;
  }
}

async function startOn(servers: TestServers, options: TestStackOptions): Promise<TestStack> {
  const { natsUrl, redisUrl } = servers;
  const env = { ...options.env, NEXUS_NATS_URL: natsUrl, NEXUS_REDIS_URL: redisUrl };
  const connections: Connection[] = [];
  const boot = async <C extends BaseConfig>(blueprint: ServiceBlueprint<C>, config: C, count: number) =>
    Promise.all(
      Array.from({ length: count }, async (): Promise<TestService> => {
        const instance = nameInstance(blueprint.name, undefined);
        const service = await bootService(blueprint, { config, instance, logger: silent });
        const { connections } = service.running.pool;
        const cut = async () => {
          await Promise.all(connections.map(({ nats }) => nats.close()));
        };
        return { ...service, nodeId: instance.nodeId, cut };
      }),
    );
  const routings = await boot(routingService, loadRoutingConfig(env), options.routings ?? 1);
  const coordinators = await boot(coordinatorService, loadCoordinatorConfig(env), options.coordinators ?? 1);
  const replicas = await Promise.all(
    replicaConfigs(env, options.replicas ?? 0).map((config) => boot(consensusService, config, 1)),
  ).then((each) => each.flat());
  const gossips = await boot(gossipService, loadGossipConfig(env), options.gossips ?? 0);
  const intelligences = await boot(
    intelligenceService,
    loadIntelligenceConfig(env),
    options.intelligences ?? 0,
  );
  const services = [...coordinators, ...routings, ...gossips, ...intelligences, ...replicas];
  await whenReady(services, readyTimeoutMs);
  return {
    natsUrl,
    redisUrl,
    servers,
    coordinators,
    routings,
    replicas,
    gossips,
    intelligences,
    connect: async (name = 'test') => {
      const connection = await Connection.open({ servers: natsUrl, name });
      connections.push(connection);
      return connection;
    },
    resubscribed: async () => {
      const connections = services.flatMap(({ running }) => running.pool.connections);
      await Promise.all(connections.map(resubscribed));
    },
    stop: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
      await Promise.all(coordinators.map((service) => service.close()));
      await Promise.all(routings.map((service) => service.close()));
      await Promise.all(gossips.map((service) => service.close()));
      await Promise.all(intelligences.map((service) => service.close()));
      await Promise.all(replicas.map((service) => service.close()));
      await servers.stop();
    },
  };
}

/** One group of so many. */
function replicaConfigs(env: Readonly<Record<string, string>>, count: number) {
  const ids = Array.from({ length: count }, (_, at) => `consensus-${at + 1}`);
  return ids.map((id) =>
    loadConsensusConfig({
      ...{ NEXUS_CONSENSUS_STORAGE: 'memory', ...env },
      NEXUS_CONSENSUS_REPLICA_ID: id,
      NEXUS_CONSENSUS_REPLICAS: ids.join(','),
    }),
  );
}

/** A client subscribes again before it sends anything else: what is flushed after it is back came after that. */
async function resubscribed(connection: Connection): Promise<void> {
  await connection.whenConnected(reconnectTimeoutMs);
  await connection.flush(reconnectTimeoutMs);
}
