import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { RedisConnection, type RedisOptions } from './redis-connection.js';
import { RedisOutcomeStore } from './redis-outcome-store.js';
import { RedisRoundRobinCounter } from './redis-round-robin-counter.js';

/**
 * Provides a service's Redis connection and what is built on it, and closes it when the application has shut down.
 * Imported by name where it is needed; not global.
 */
@Module({})
export class RedisModule implements OnApplicationShutdown {
  constructor(@Inject(RedisConnection) private readonly connection: RedisConnection) {}

  static for(options: RedisOptions): DynamicModule {
    const connection = RedisConnection.open(options);
    return {
      module: RedisModule,
      providers: [
        { provide: RedisConnection, useValue: connection },
        { provide: RedisRoundRobinCounter, useValue: new RedisRoundRobinCounter(connection) },
        { provide: RedisOutcomeStore, useValue: new RedisOutcomeStore(connection) },
      ],
      exports: [RedisConnection, RedisRoundRobinCounter, RedisOutcomeStore],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
