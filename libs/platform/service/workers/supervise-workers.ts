import { HealthServer } from '@nexus/platform/health';
import { type Logger } from '@nexus/platform/telemetry';
import { type BaseConfig } from '../blueprint.js';
import { findBinder } from './find-binder.js';
import { readNumaNodes } from './numa-nodes.js';
import { planPlacement } from './placement.js';
import { Worker } from './worker.js';

/** Beside draining, to disconnect and to send what traces there are; in milliseconds. */
const endGraceMs = 5_000;

export interface SuperviseOptions {
  readonly workers: number;
  readonly config: BaseConfig;
  readonly logger: Logger;
  /** Resolves when all are to end. */
  readonly ended: Promise<string>;
}

/**
 * Runs the program once for each worker, until told to end: one event loop uses one core, and a queue group shares
 * requests out among all who listen. The supervisor serves nothing itself but health: it is ready when all are.
 */
export async function superviseWorkers({ workers, config, logger, ended }: SuperviseOptions): Promise<void> {
  const nodes = await readNumaNodes();
  const binder = nodes.length > 1 ? findBinder(nodes) : undefined;
  const { summary, prefixes } = planPlacement(nodes, workers, binder);
  logger.info(summary);
  const endWithinMs = config.drainTimeoutMs + endGraceMs;
  const crew = prefixes.map((prefix, index) => new Worker({ index: index + 1, prefix, logger, endWithinMs }));
  const health = await startHealth(config, crew).catch(async (error: unknown) => {
    await Promise.all(crew.map((worker) => worker.end()));
    throw error;
  });
  logger.info(`${workers} workers`);
  logger.info(`${await ended}: ending ${workers} workers`);
  health?.setReady(false);
  await Promise.all(crew.map((worker) => worker.end()));
  await health?.close();
}

const startHealth = async ({ healthPort: port, healthHost: host }: BaseConfig, crew: readonly Worker[]) =>
  port === undefined
    ? undefined
    : HealthServer.start({
        port,
        host,
        checks: Object.fromEntries(
          crew.map((worker, index) => [`worker-${index + 1}`, () => worker.check()] as const),
        ),
      });
