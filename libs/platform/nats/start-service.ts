import 'reflect-metadata';
import { type DynamicModule, type INestMicroservice, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions } from '@nestjs/microservices';
import { type ConnectOptions, Connection, ReplyInbox } from '@nexus/wire';
import { type Context } from '@opentelemetry/api';
import { type ServiceIdentity } from './discovery.js';
import { Drops } from './drops.js';
import { type NatsModuleOptions } from './nats.module.js';
import { NatsTransport } from './nats-transport.js';
import { NexusErrorFilter } from './nexus-error.filter.js';

export interface ServiceOptions {
  readonly identity: ServiceIdentity;
  readonly connect: ConnectOptions;
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
  readonly connection: Connection;
  /** Takes no more requests, finishes those under way, lets every part say goodbye, disconnects. */
  close(): Promise<void>;
}

/**
 * Connects, composes and serves one Nexus service; the same in a process of its own and in the one-process build.
 * @throws NexusError `unavailable` when NATS cannot be reached
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { identity, prefix, drainTimeoutMs, requestBytesMax, own, enterService } = options;
  const connection = await Connection.open(options.connect);
  connection.on((event, detail) => {
    if (event !== 'closed') options.logger.warn(`NATS ${event} ${detail}`, 'Connection');
  });
  const replies = new ReplyInbox(connection);
  const drops = new Drops();
  try {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      options.module({ connection, replies, prefix, drops }),
      {
        strategy: new NatsTransport({
          connection,
          replies,
          prefix,
          drops,
          identity,
          drainTimeoutMs,
          ...(requestBytesMax !== undefined && { requestBytesMax }),
          ...(own && { own }),
          ...(enterService && { enterService }),
        }),
        logger: options.logger,
        abortOnError: false,
      },
    );
    app.useGlobalFilters(new NexusErrorFilter());
    await app.listen();
    await connection.flush();
    return {
      app,
      connection,
      close: async () => {
        await app.close();
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
