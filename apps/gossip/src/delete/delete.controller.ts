import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type GossipPutReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { DeleteHandler, type GossipDeleteRequest } from './delete.handler.js';

@Controller()
export class DeleteController {
  constructor(private readonly handler: DeleteHandler) {}

  @Serve(endpoints.gossipDelete)
  delete(@Payload() request: GossipDeleteRequest): GossipPutReply {
    return this.handler.delete(request);
  }
}
