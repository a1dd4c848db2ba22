import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type AgentView, endpoints, type GetRequest } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { GetHandler } from './get.handler.js';

@Controller()
export class GetController {
  constructor(private readonly handler: GetHandler) {}

  @Serve(endpoints.agentsGet)
  get(@Payload() request: GetRequest): Promise<AgentView> {
    return this.handler.get(request);
  }
}
