import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type GossipMembersReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { type GossipMembersRequest, MembersHandler } from './members.handler.js';

@Controller()
export class MembersController {
  constructor(private readonly handler: MembersHandler) {}

  @Serve(endpoints.gossipMembers)
  members(@Payload() request: GossipMembersRequest): GossipMembersReply {
    return this.handler.members(request);
  }
}
