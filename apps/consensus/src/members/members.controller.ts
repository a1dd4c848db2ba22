import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type ReplicaId } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { MembersHandler } from './members.handler.js';

@Controller()
export class MembersController {
  constructor(private readonly handler: MembersHandler) {}

  @Serve(endpoints.consensusMembersAdd)
  add(@Payload() { replicaId }: { replicaId: ReplicaId }) {
    return this.handler.change('members.add', replicaId);
  }

  @Serve(endpoints.consensusMembersRemove)
  remove(@Payload() { replicaId }: { replicaId: ReplicaId }) {
    return this.handler.change('members.remove', replicaId);
  }
}
