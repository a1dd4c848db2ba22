// Nest's own NATS transport, as its documentation tells to use it.
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { type Peer } from './peer.js';
import { nextUnit, type Unit } from './unit.js';

/** Nest reads patterns when the class is made: they cannot have a prefix of their own. */
const pattern = 'bench.nest.unit';

@Controller()
class UnitController {
  @MessagePattern(pattern)
  work(@Payload() unit: Unit): Unit {
    return unit;
  }
}

@Module({ controllers: [UnitController] })
class UnitModule {}

export const nest: Peer = {
  crew: async ({ servers }) => {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(UnitModule, {
      transport: Transport.NATS,
      options: { servers: [servers] },
      logger: false,
    });
    await app.listen();
    return { grow: () => Promise.resolve() };
  },
  clients: {
    own: async ({ servers }) => {
      const client = ClientProxyFactory.create({
        transport: Transport.NATS,
        options: { servers: [servers] },
      });
      await client.connect();
      return { unit: () => firstValueFrom(client.send<Unit>(pattern, nextUnit())) };
    },
  },
};
