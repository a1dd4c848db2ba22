import { type DynamicModule, Module } from '@nestjs/common';
import { MeshMember, SharedKeys } from '@nexus/mesh';
import { GossipModule } from '@nexus/platform/gossip';
import { EventPublisher, NatsModule } from '@nexus/platform/nats';
import { type Composition, type ServiceBlueprint } from '@nexus/platform/service';
import { DeleteController } from './delete/delete.controller.js';
import { DeleteHandler } from './delete/delete.handler.js';
import { MeshEvents } from './events/mesh-events.js';
import { type GossipConfig, gossipFields } from './gossip.config.js';
import { MembersController } from './members/members.controller.js';
import { MembersHandler } from './members/members.handler.js';
import { PutController } from './put/put.controller.js';
import { PutHandler } from './put/put.handler.js';
import { StateController } from './state/state.controller.js';
import { StateHandler } from './state/state.handler.js';

/** The gossip service's composition root: a member as every service has one, with doors for those who are none. */
@Module({})
export class GossipServiceModule {
  static for({ config, instance, nats }: Composition<GossipConfig>): DynamicModule {
    return {
      module: GossipServiceModule,
      imports: [
        NatsModule.for(nats),
        GossipModule.for({ config, instance, service: 'gossip', drops: nats.drops }),
      ],
      controllers: [DeleteController, MembersController, PutController, StateController],
      providers: [
        ...[DeleteHandler, MembersHandler, PutHandler, StateHandler],
        {
          provide: MeshEvents,
          inject: [MeshMember, SharedKeys, EventPublisher],
          useFactory: (mesh: MeshMember, keys: SharedKeys, events: EventPublisher) =>
            new MeshEvents(mesh, keys, events),
        },
      ],
    };
  }
}

export const gossipService: ServiceBlueprint<GossipConfig> = {
  name: 'gossip',
  description: 'Tells outsiders who is there and what all members share.',
  fields: gossipFields,
  compose: (composition) => GossipServiceModule.for(composition),
  // It is ready once it serves: whoever else is there is what it tells of.
  checks: () => ({}),
};
