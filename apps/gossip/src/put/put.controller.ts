import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type GossipPutReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { type GossipPutRequest, PutHandler } from './put.handler.js';

@Controller()
export class PutController {
  constructor(private readonly handler: PutHandler) {}

  @Serve(endpoints.gossipPut)
  put(@Payload() request: GossipPutRequest): GossipPutReply {
    return this.handler.put(request);
  }
}
