import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type ListReply, type ListRequest } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { ListHandler } from './list.handler.js';

@Controller()
export class ListController {
  constructor(private readonly handler: ListHandler) {}

  @Serve(endpoints.agentsList)
  list(@Payload() request: ListRequest): Promise<ListReply> {
    return this.handler.list(request);
  }
}
