import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { endpoints, type HostDeregisterRequest } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { hostOf } from '../register/agent-of.js';
import { HostsDeregisterHandler } from './hosts-deregister.handler.js';

@Controller()
export class HostsDeregisterController {
  constructor(private readonly handler: HostsDeregisterHandler) {}

  @Serve(endpoints.hostsDeregister)
  deregister(
    @Payload() request: HostDeregisterRequest,
    @Ctx() context: NatsContext,
  ): Promise<Record<string, never>> {
    return this.handler.deregister(hostOf(context), request);
  }
}
