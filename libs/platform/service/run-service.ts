import { describeConfig } from '@nexus/platform/config';
import { createLogger, installTelemetry } from '@nexus/platform/telemetry';
import { type BaseConfig, type ServiceBlueprint } from './blueprint.js';
import { bootService, nameInstance } from './boot-service.js';
import { onceSignalled } from './signals.js';
import { nexusVersion } from './version.js';

/**
 * Runs one service as a process of its own: telemetry, log, service, health, and an end in order on SIGTERM or SIGINT.
 * A fault at the start is printed in one line and ends the process with 1.
 * @param load reads the configuration; called first, so that a faulty one is reported before anything starts
 */
export async function runService<C extends BaseConfig>(
  blueprint: ServiceBlueprint<C>,
  load: () => C,
): Promise<void> {
  try {
    const config = load();
    const instance = nameInstance(blueprint.name, config.nodeId);
    const logger = createLogger({
      service: blueprint.name,
      instanceId: instance.nodeId,
      level: config.logLevel,
    });
    const settings = describeConfig(blueprint.fields, config).map(({ variable, value }) => [variable, value]);
    logger.info({ settings: Object.fromEntries(settings) as unknown }, 'configuration');
    const telemetry = installTelemetry({
      service: blueprint.name,
      instanceId: instance.nodeId,
      version: nexusVersion,
      endpoint: config.otlpEndpoint,
      ratio: config.traceRatio,
      report: (trouble) => logger.warn(trouble),
    });
    const service = await bootService(blueprint, { config, instance, logger });
    logger.info(`${blueprint.name} serves as ${instance.incarnation}`);
    const signal = await onceSignalled();
    logger.info(`${signal}: draining`);
    await service.close();
    await telemetry.shutdown();
    process.exit(0);
  } catch (error) {
    process.stderr.write(
      `nexus-${blueprint.name}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  }
}
