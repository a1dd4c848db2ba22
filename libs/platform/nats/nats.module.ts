import { type DynamicModule, Module } from '@nestjs/common';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { Drops } from './drops.js';
import { EventPublisher } from './event-publisher.js';

/** First token of every subject, for injection. */
export const NATS_PREFIX = Symbol('NATS_PREFIX');

export interface NatsModuleOptions {
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  readonly prefix: string;
  readonly drops: Drops;
}

/** Provides a service's connection and what is built on it. Imported by name where it is needed; not global. */
@Module({})
export class NatsModule {
  static for({ connection, replies, prefix, drops }: NatsModuleOptions): DynamicModule {
    return {
      module: NatsModule,
      providers: [
        { provide: Connection, useValue: connection },
        { provide: NATS_PREFIX, useValue: prefix },
        { provide: Drops, useValue: drops },
        { provide: ReplyInbox, useValue: replies },
        { provide: Caller, useValue: new Caller(connection, replies, prefix) },
        { provide: EventPublisher, useValue: new EventPublisher(connection, prefix, drops) },
      ],
      exports: [Connection, NATS_PREFIX, Drops, ReplyInbox, Caller, EventPublisher],
    };
  }
}
