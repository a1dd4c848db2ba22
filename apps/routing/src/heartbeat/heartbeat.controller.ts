import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { endpoints, type HeartbeatRequest } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { agentOf } from '../register/agent-of.js';
import { HeartbeatHandler } from './heartbeat.handler.js';

@Controller()
export class HeartbeatController {
  constructor(private readonly handler: HeartbeatHandler) {}

  @Serve(endpoints.agentsHeartbeat)
  heartbeat(
    @Payload() request: HeartbeatRequest,
    @Ctx() context: NatsContext,
  ): Promise<Record<string, never>> {
    return this.handler.heartbeat(agentOf(context), request);
  }
}
