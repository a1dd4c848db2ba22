import { join } from 'node:path';
import { loadCoordinatorConfig } from '../../../coordinator/src/coordinator.config.js';
import { coordinatorService } from '../../../coordinator/src/coordinator.module.js';
import { loadRoutingConfig } from '../../../routing/src/routing.config.js';
import { routingService } from '../../../routing/src/routing.module.js';
import { type Servers, startServers } from '@nexus/platform/servers';
import {
  type BaseConfig,
  type BootedService,
  bootService,
  nameInstance,
  nexusVersion,
  type ServiceBlueprint,
  whenReady,
} from '@nexus/platform/service';
import { createLogger, installTelemetry, type Logger, type Telemetry } from '@nexus/platform/telemetry';
import { checkout, serviceEnvironment, type StandaloneConfig } from '../standalone.config.js';

export interface StackOptions {
  readonly config: StandaloneConfig;
  readonly dataDir: string;
  /** Takes one line for people. */
  readonly say: (line: string) => void;
}

const readyTimeoutMs = 15_000;

/** Every service in this process, with NATS and Redis beside it. */
export class Stack {
  private readonly services: BootedService[] = [];

  private constructor(
    private readonly servers: Servers,
    private readonly telemetry: Telemetry,
    private readonly logger: Logger,
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
   * data directory
   */
  static async start({ config, dataDir, say }: StackOptions): Promise<Stack> {
    const { logLevel, natsUrl, redisUrl } = config;
    const logger = createLogger({
      service: 'standalone',
      level: logLevel,
      destination: { file: join(dataDir, 'log', 'nexus.log') },
    });
    const telemetry = installTelemetry({
      service: 'standalone',
      instanceId: `standalone-${process.pid}`,
      version: nexusVersion,
      endpoint: config.otlpEndpoint,
      ratio: config.traceRatio,
      report: (trouble) => logger.warn(trouble),
    });
    const servers = await startServers({
      dataDir,
      infraDir: join(checkout, 'infra'),
      natsUrl,
      redisUrl,
      log: (line) => {
        logger.info(line);
        say(line);
      },
    });
    const stack = new Stack(servers, telemetry, logger);
    try {
      await stack.bootServices();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** Ends in the order in which requests flow: who asks first, who is asked last, the servers after all. */
  async stop(): Promise<void> {
    for (const service of this.services.splice(0).reverse()) await service.close();
    await this.telemetry.shutdown();
    await this.servers.stop();
  }

  private async bootServices(): Promise<void> {
    const env = serviceEnvironment(this);
    await this.boot(routingService, loadRoutingConfig(env));
    await this.boot(coordinatorService, loadCoordinatorConfig(env));
    await whenReady(this.services, readyTimeoutMs);
  }

  private async boot<C extends BaseConfig>(blueprint: ServiceBlueprint<C>, config: C): Promise<void> {
    const instance = nameInstance(blueprint.name, undefined);
    const logger = this.logger.child({ service: `nexus-${blueprint.name}`, instance: instance.nodeId });
    this.services.push(await bootService(blueprint, { config, instance, logger }));
  }
}
