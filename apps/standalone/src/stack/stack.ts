import { join } from 'node:path';
import { consensusService } from '../../../consensus/src/consensus.module.js';
import { loadConsensusConfig } from '../../../consensus/src/consensus.config.js';
import { loadCoordinatorConfig } from '../../../coordinator/src/coordinator.config.js';
import { coordinatorService } from '../../../coordinator/src/coordinator.module.js';
import { loadGossipConfig } from '../../../gossip/src/gossip.config.js';
import { gossipService } from '../../../gossip/src/gossip.module.js';
import { loadIntelligenceConfig } from '../../../intelligence/src/intelligence.config.js';
import { intelligenceService } from '../../../intelligence/src/intelligence.module.js';
import { loadRoutingConfig } from '../../../routing/src/routing.config.js';
import { routingService } from '../../../routing/src/routing.module.js';
import { type HealthCheck, HealthServer } from '@nexus/platform/health';
import { prepareDataDir, type Servers, startServers } from '@nexus/platform/servers';
import {
  type BaseConfig,
  type BootedService,
  bootService,
  nameInstance,
  nexusVersion,
  type ServiceBlueprint,
  whenReady,
} from '@nexus/platform/service';
import {
  createLogger,
  installTelemetry,
  type Logger,
  serveMetrics,
  type Telemetry,
} from '@nexus/platform/telemetry';
import {
  checkout,
  replicaVariables,
  serviceEnvironment,
  type StandaloneConfig,
} from '../standalone.config.js';
import { growing } from './growing.js';
import { reachRedis } from './reach-redis.js';
import { type ReplicaPlan, planReplicas } from './replica-plan.js';
import { type RunningStack } from './running-stack.js';

export interface StackOptions {
  readonly config: StandaloneConfig;
  readonly dataDir: string;
  /** Replicas of the decision log; undefined: as many as there are, and at least one. */
  readonly replicas: number | undefined;
  /** Takes one line for people. */
  readonly say: (line: string) => void;
}

const readyTimeoutMs = 30_000;
const replicasDefault = 1;

/** Who writes a log. */
interface LogOwner {
  readonly service: string;
  readonly instanceId?: string;
}

/** Every service in this process, with NATS and Redis beside it. */
export class Stack implements RunningStack {
  private readonly services: BootedService[] = [];
  /** What must work, by service and name. */
  private readonly checks: Record<string, HealthCheck> = {};
  private health: HealthServer | undefined;

  private constructor(
    private readonly servers: Servers,
    private readonly telemetry: Telemetry,
    private readonly openLog: (who: LogOwner) => Logger,
  ) {}

  get natsUrl(): string {
    return this.servers.nats.url;
  }

  get redisUrl(): string {
    return this.servers.redis.url;
  }

  /**
   * Starts servers and services; when it returns, requests are served.
   * @throws NexusError `unavailable` when a server is missing or does not start, `conflict` when another run holds the
   * data directory, `invalid_argument` when that cannot be used, or holds more replicas than are wanted
   */
  static async start({ config, replicas, say, ...options }: StackOptions): Promise<Stack> {
    const { logLevel, natsUrl, redisUrl } = config;
    const dataDir = await prepareDataDir(options.dataDir);
    const plan = await planReplicas(dataDir, { replicas, atLeast: replicasDefault });
    // One file for all; each has a log of its own on it, whose lines carry its name.
    const destination = { file: join(dataDir, 'logs', 'nexus.log') };
    const openLog = (who: LogOwner) => createLogger({ ...who, level: logLevel, destination });
    const logger = openLog({ service: 'standalone' });
    const telemetry = installTelemetry({
      service: 'standalone',
      instanceId: `standalone-${process.pid}`,
      version: nexusVersion,
      endpoint: config.otlpEndpoint,
      ratio: config.traceRatio,
      report: (trouble) => logger.warn(trouble),
    });
    if (redisUrl !== undefined) await reachRedis(redisUrl, config.prefix);
    const tell = (line: string) => {
      logger.info(line);
      say(line);
    };
    const infraDir = join(checkout, 'infra');
    const servers = await startServers({ dataDir, infraDir, natsUrl, redisUrl, log: tell });
    const stack = new Stack(servers, telemetry, openLog);
    try {
      await growing({ plan, config, natsUrl: stack.natsUrl, say: tell }, () => stack.bootServices(plan));
      await stack.openHealth(config);
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.health?.setReady(false);
    for (const service of this.services.splice(0).reverse()) await service.close();
    await this.health?.close();
    await this.telemetry.shutdown();
    await this.servers.stop();
  }

  private async bootServices(plan: ReplicaPlan): Promise<void> {
    const env = serviceEnvironment(this);
    for (const replicaId of plan.replicaIds) {
      const config = loadConsensusConfig({ ...env, ...replicaVariables(replicaId, plan) });
      await this.boot(consensusService, config, replicaId);
    }
    await this.boot(gossipService, loadGossipConfig(env));
    await this.boot(routingService, loadRoutingConfig(env));
    await this.boot(intelligenceService, loadIntelligenceConfig(env));
    await this.boot(coordinatorService, loadCoordinatorConfig(env));
    await whenReady(this.services, readyTimeoutMs);
  }

  private async boot<C extends BaseConfig>(
    blueprint: ServiceBlueprint<C>,
    config: C,
    nodeId?: string,
  ): Promise<void> {
    const instance = nameInstance(blueprint.name, nodeId);
    const logger = this.openLog({ service: blueprint.name, instanceId: instance.nodeId });
    const service = await bootService(blueprint, { config, instance, logger });
    this.services.push(service);
    for (const [name, check] of Object.entries(service.checks)) {
      this.checks[`${instance.nodeId}.${name}`] = check;
    }
  }

  /** One endpoint for the one process: ready when all of its services are, with the metrics of all. */
  private async openHealth({ healthPort: port, healthHost: host }: StandaloneConfig): Promise<void> {
    if (port === undefined) return;
    const { checks } = this;
    this.health = await HealthServer.start({ port, host, checks, pages: { '/metrics': serveMetrics } });
  }
}
