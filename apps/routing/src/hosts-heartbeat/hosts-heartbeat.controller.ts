import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { endpoints, type HostHeartbeatReply, type HostHeartbeatRequest } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { hostOf } from '../register/agent-of.js';
import { HostsHeartbeatHandler } from './hosts-heartbeat.handler.js';

@Controller()
export class HostsHeartbeatController {
  constructor(private readonly handler: HostsHeartbeatHandler) {}

  @Serve(endpoints.hostsHeartbeat)
  heartbeat(
    @Payload() request: HostHeartbeatRequest,
    @Ctx() context: NatsContext,
  ): Promise<HostHeartbeatReply> {
    return this.handler.heartbeat(hostOf(context), request);
  }
}
