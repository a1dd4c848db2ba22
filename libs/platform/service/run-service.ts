import { describeConfig } from '@nexus/platform/config';
import { createLogger, installTelemetry, type Logger } from '@nexus/platform/telemetry';
import { type BaseConfig, type ServiceBlueprint, type ServiceInstance } from './blueprint.js';
import { type BootedService, bootService, nameInstance } from './boot-service.js';
import { onceSignalled } from './signals.js';
import { nexusVersion } from './version.js';
import { superviseWorkers } from './workers/supervise-workers.js';
import { workersFor } from './workers/worker-count.js';
import { followSupervisor, workerIndexOf } from './workers/worker-line.js';

/**
 * Runs one service as a process of its own: telemetry, log, service, health, and an end in order on SIGTERM or SIGINT.
 * A service that is told to have several workers runs in as many processes below this one.
 * A fault at the start is printed in one line and ends the process with 1.
 * @param load reads the configuration; called first, so that a faulty one is reported before anything starts
 */
export async function runService<C extends BaseConfig>(
  blueprint: ServiceBlueprint<C>,
  load: () => C,
): Promise<void> {
  try {
    const worker = workerIndexOf(process.argv);
    const config = worker === undefined ? load() : asWorker(load(), worker);
    const instance = nameInstance(blueprint.name, config.nodeId);
    const logger = createLogger({
      service: blueprint.name,
      instanceId: instance.nodeId,
      level: config.logLevel,
    });
    const workers = workersFor(blueprint.workers?.(config) ?? 1);
    if (worker === undefined) logConfig(blueprint, config, logger);
    if (worker === undefined && workers > 1) {
      await superviseWorkers({ workers, config, logger, ended: onceSignalled() });
    } else {
      await serve(blueprint, { config, instance, logger, isWorker: worker !== undefined });
    }
    process.exit(0);
  } catch (error) {
    process.stderr.write(
      `nexus-${blueprint.name}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  }
}

/** Each worker has a name of its own, and the supervisor answers for their health. */
const asWorker = <C extends BaseConfig>(config: C, index: number): C => ({
  ...config,
  healthPort: undefined,
  ...(config.nodeId !== undefined && { nodeId: `${config.nodeId.slice(0, 60)}-${index}` }),
});

function logConfig<C extends BaseConfig>(blueprint: ServiceBlueprint<C>, config: C, logger: Logger): void {
  const settings = describeConfig(blueprint.fields, config).map(({ variable, value }) => [variable, value]);
  logger.info({ settings: Object.fromEntries(settings) as unknown }, 'configuration');
}

interface Serving<C extends BaseConfig> {
  readonly config: C;
  readonly instance: ServiceInstance;
  readonly logger: Logger;
  readonly isWorker: boolean;
}

/** Serves until told to end. */
async function serve<C extends BaseConfig>(
  blueprint: ServiceBlueprint<C>,
  { config, instance, logger, isWorker }: Serving<C>,
): Promise<void> {
  const telemetry = installTelemetry({
    service: blueprint.name,
    instanceId: instance.nodeId,
    version: nexusVersion,
    endpoint: config.otlpEndpoint,
    ratio: config.traceRatio,
    report: (trouble) => logger.warn(trouble),
  });
  const booted: { service?: BootedService } = {};
  // Followed from the start on: a supervisor may go, or ask, while the service is still coming up.
  const ends = isWorker ? [followSupervisor(() => ready(booted.service))] : [];
  const service = await bootService(blueprint, { config, instance, logger });
  booted.service = service;
  logger.info(`${blueprint.name} serves as ${instance.incarnation}`);
  const why = await Promise.race([onceSignalled(), ...ends]);
  logger.info(`${why}: draining`);
  await service.close();
  await telemetry.shutdown();
}

/** @throws the first reason why it is not */
async function ready(service: BootedService | undefined): Promise<void> {
  if (service === undefined) throw new Error('it is starting');
  for (const check of Object.values(service.checks)) await check();
}
