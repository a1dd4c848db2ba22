import 'reflect-metadata';
import { type DynamicModule, type INestMicroservice, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions } from '@nestjs/microservices';
import { type Connection, type ConnectOptions } from '@nexus/wire';
import { type Context } from '@opentelemetry/api';
import { logConnection } from './connection-log.js';
import { ConnectionPool, type PoolOptions } from './connection-pool.js';
import { type ServiceIdentity } from './discovery.js';
import { Drops } from './drops.js';
import { type EndpointStats } from './endpoint-stats.js';
import { type NatsModuleOptions } from './nats.module.js';
import { NatsTransport } from './nats-transport.js';
import { NexusErrorFilter } from './nexus-error.filter.js';
import { ShownFigures } from './shown-figures.js';

export interface ServiceOptions {
  readonly identity: ServiceIdentity;
  readonly connect: ConnectOptions;
  /** One connection a class, or one for all. Default `pooled`. */
  readonly connections?: PoolOptions['mode'];
  readonly prefix: string;
  readonly drainTimeoutMs: number;
  /** Largest request body, in bytes. */
  readonly requestBytesMax?: number;
  readonly own?: Readonly<Record<string, string>>;
  readonly logger: LoggerService;
  readonly enterService?: (context: Context) => Context;
  /** The service's composition root. */
  readonly module: (nats: NatsModuleOptions) => DynamicModule;
}

export interface RunningService {
  readonly app: INestMicroservice;
  readonly pool: ConnectionPool;
  /** The pool's, for requests. */
  readonly connection: Connection;
  /** The figures of each endpoint. */
  readonly stats: readonly EndpointStats[];
  readonly drops: Drops;
  /** Takes no more requests, finishes those under way, lets every part say goodbye, disconnects. */
  close(): Promise<void>;
}

/**
 * Connects, composes and serves one Nexus service; the same in a process of its own and in the one-process build.
 * @throws NexusError `unavailable` when NATS cannot be reached
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { identity, prefix, drainTimeoutMs, requestBytesMax, own, enterService } = options;
  const pool = await ConnectionPool.start({
    connect: options.connect,
    prefix,
    mode: options.connections ?? 'pooled',
    onOpen: (connection, of) => logConnection(connection, options.logger, of),
  });
  const { connection, replies } = pool.requests;
  const drops = new Drops();
  const figures = new ShownFigures();
  const transport = new NatsTransport({
    connection,
    replies,
    connections: () => pool.health(),
    prefix,
    drops,
    figures,
    identity,
    drainTimeoutMs,
    ...(requestBytesMax !== undefined && { requestBytesMax }),
    ...(own && { own }),
    ...(enterService && { enterService }),
  });
  try {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      options.module({ pool, prefix, drops, figures }),
      { strategy: transport, logger: options.logger, abortOnError: false },
    );
    app.useGlobalFilters(new NexusErrorFilter());
    await app.listen();
    await connection.flush();
    return {
      app,
      pool,
      connection,
      stats: transport.stats,
      drops,
      close: async () => {
        await app.close();
        await pool.close();
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}
