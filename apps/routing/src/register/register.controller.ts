import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { endpoints, type RegisterReply, type RegisterRequest } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { agentOf } from './agent-of.js';
import { RegisterHandler } from './register.handler.js';

@Controller()
export class RegisterController {
  constructor(private readonly handler: RegisterHandler) {}

  @Serve(endpoints.agentsRegister)
  register(@Payload() request: RegisterRequest, @Ctx() context: NatsContext): Promise<RegisterReply> {
    return this.handler.register(agentOf(context), request);
  }
}
