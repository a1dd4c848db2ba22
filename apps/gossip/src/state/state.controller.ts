import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type GossipStateReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { type GossipStateRequest, StateHandler } from './state.handler.js';

@Controller()
export class StateController {
  constructor(private readonly handler: StateHandler) {}

  @Serve(endpoints.gossipState)
  state(@Payload() request: GossipStateRequest): GossipStateReply {
    return this.handler.state(request);
  }
}
