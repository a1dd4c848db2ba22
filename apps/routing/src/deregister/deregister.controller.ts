import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { type DeregisterRequest, endpoints } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { agentOf } from '../register/agent-of.js';
import { DeregisterHandler } from './deregister.handler.js';

@Controller()
export class DeregisterController {
  constructor(private readonly handler: DeregisterHandler) {}

  @Serve(endpoints.agentsDeregister)
  deregister(
    @Payload() request: DeregisterRequest,
    @Ctx() context: NatsContext,
  ): Promise<Record<string, never>> {
    return this.handler.deregister(agentOf(context), request);
  }
}
