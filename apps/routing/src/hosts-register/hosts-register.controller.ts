import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { endpoints, type HostRegisterReply, type HostRegisterRequest } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { hostOf } from '../register/agent-of.js';
import { HostsRegisterHandler } from './hosts-register.handler.js';

@Controller()
export class HostsRegisterController {
  constructor(private readonly handler: HostsRegisterHandler) {}

  @Serve(endpoints.hostsRegister)
  register(@Payload() request: HostRegisterRequest, @Ctx() context: NatsContext): Promise<HostRegisterReply> {
    return this.handler.register(hostOf(context), request);
  }
}
