import { NexusError } from '@nexus/contracts';
import { type HealthCheck, HealthServer } from '@nexus/platform/health';
import { type RunningService, startService } from '@nexus/platform/nats';
import {
  type Logger,
  NestPinoLogger,
  publishMetrics,
  serveMetrics,
  ServiceContext,
} from '@nexus/platform/telemetry';
import { nuid } from '@nats-io/transport-node';
import { type BaseConfig, type ServiceBlueprint, type ServiceInstance } from './blueprint.js';
import { serviceMetrics } from './service-metrics.js';
import { nexusVersion } from './version.js';

export interface BootOptions<C extends BaseConfig> {
  readonly config: C;
  readonly instance: ServiceInstance;
  readonly logger: Logger;
}

export interface BootedService {
  readonly running: RunningService;
  /** NATS, and what the blueprint adds. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** Where it shows its health and its metrics; undefined when it does not. */
  readonly healthPort: number | undefined;
  /** Says not ready, drains, disconnects. */
  close(): Promise<void>;
}

const incarnationChars = 10;

/** Names this life of a service. */
export function nameInstance(name: string, nodeId: string | undefined): ServiceInstance {
  const suffix = nuid.next().slice(-incarnationChars);
  const node = nodeId ?? `${name}-${suffix}`;
  return { nodeId: node, incarnation: nodeId === undefined ? node : `${node.slice(0, 50)}-${suffix}` };
}

/** Starts a service in this process, which may hold others. */
export async function bootService<C extends BaseConfig>(
  blueprint: ServiceBlueprint<C>,
  { config, instance, logger }: BootOptions<C>,
): Promise<BootedService> {
  const owner = new ServiceContext({ service: blueprint.name, instanceId: instance.nodeId });
  const running = await owner.run(() =>
    startService({
      identity: {
        name: `nexus-${blueprint.name}`,
        id: instance.incarnation,
        version: nexusVersion,
        description: blueprint.description,
      },
      connect: {
        servers: config.natsServers,
        name: instance.incarnation,
        ...(config.natsUser !== undefined && {
          auth: {
            user: config.natsUser,
            ...(config.natsPassword !== undefined && { pass: config.natsPassword }),
          },
        }),
      },
      connections: config.natsConnections,
      prefix: config.prefix,
      drainTimeoutMs: config.drainTimeoutMs,
      requestBytesMax: config.requestBytesMax,
      ...(blueprint.own && { own: blueprint.own(config, instance) }),
      logger: new NestPinoLogger(logger),
      enterService: (entered) => owner.enter(entered),
      module: (nats) => blueprint.compose({ config, instance, nats }),
    }),
  );
  const checks = { nats: natsCheck(running), ...blueprint.checks(running.app) };
  const health = await startHealth(config, checks).catch(async (error: unknown) => {
    await running.close();
    throw error;
  });
  const withdraw = publishMetrics(owner.identity, () => serviceMetrics(running));
  return {
    running,
    checks,
    healthPort: health?.port,
    close: async () => {
      health?.setReady(false);
      await running.close();
      withdraw();
      await health?.close();
    },
  };
}

const startHealth = async (
  { healthPort: port, healthHost: host }: BaseConfig,
  checks: Readonly<Record<string, HealthCheck>>,
) =>
  port === undefined
    ? undefined
    : HealthServer.start({ port, host, checks, pages: { '/metrics': serveMetrics } });

const natsCheck =
  ({ pool }: RunningService): HealthCheck =>
  () => {
    if (!pool.connected) throw new NexusError('unavailable', 'the connection to NATS is down');
  };
