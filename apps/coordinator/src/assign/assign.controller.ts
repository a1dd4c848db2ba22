import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type AssignReply, type AssignRequest, endpoints } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { AssignHandler } from './assign.handler.js';

@Controller()
export class AssignController {
  constructor(private readonly handler: AssignHandler) {}

  @Serve(endpoints.routingAssign)
  assign(@Payload() request: AssignRequest): AssignReply | Promise<AssignReply> {
    return this.handler.assign(request);
  }
}
