import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type AgentId, endpoints, type PublicRoutesReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { RoutesHandler } from './routes.handler.js';

@Controller()
export class RoutesController {
  constructor(private readonly handler: RoutesHandler) {}

  @Serve(endpoints.routingRoutes)
  page(@Payload() { after }: { after?: AgentId }): Promise<PublicRoutesReply> {
    return this.handler.page(after);
  }
}
