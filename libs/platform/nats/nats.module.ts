import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { type ConnectionClass, ConnectionPool } from './connection-pool.js';
import { Drops } from './drops.js';
import { EventPublisher } from './event-publisher.js';
import { ShownFigures } from './shown-figures.js';

/** First token of every subject, for injection. */
export const NATS_PREFIX = Symbol('NATS_PREFIX');

const lineTokens: Readonly<Record<ConnectionClass, symbol>> = {
  requests: Symbol('NATS_LINE_REQUESTS'),
  control: Symbol('NATS_LINE_CONTROL'),
  agents: Symbol('NATS_LINE_AGENTS'),
  bulk: Symbol('NATS_LINE_BULK'),
};

/** What to inject to get the `Line` of a class; a module that does has `lineProvider` of it among its providers. */
export const lineToken = (of: ConnectionClass): symbol => lineTokens[of];

/** Opens the line of a class for the module that names it, and for no other. */
export const lineProvider = (of: ConnectionClass): Provider => ({
  provide: lineToken(of),
  inject: [ConnectionPool],
  useFactory: (pool: ConnectionPool) => pool.line(of),
});

export interface NatsModuleOptions {
  /** Its line of `requests` is what `Connection`, `ReplyInbox` and `Caller` stand for. */
  readonly pool: ConnectionPool;
  readonly prefix: string;
  readonly drops: Drops;
  /** For what the service shows of its own work. */
  readonly figures: ShownFigures;
}

/** Provides a service's connection and what is built on it. Imported by name where it is needed; not global. */
@Module({})
export class NatsModule {
  static for({ pool, prefix, drops, figures }: NatsModuleOptions): DynamicModule {
    const { connection, replies, caller } = pool.requests;
    return {
      module: NatsModule,
      providers: [
        { provide: ConnectionPool, useValue: pool },
        { provide: Connection, useValue: connection },
        { provide: NATS_PREFIX, useValue: prefix },
        { provide: Drops, useValue: drops },
        { provide: ShownFigures, useValue: figures },
        { provide: ReplyInbox, useValue: replies },
        { provide: Caller, useValue: caller },
        { provide: EventPublisher, useValue: new EventPublisher(connection, prefix, drops) },
      ],
      exports: [
        ...[ConnectionPool, Connection, NATS_PREFIX, Drops, ShownFigures],
        ...[ReplyInbox, Caller, EventPublisher],
      ],
    };
  }
}
