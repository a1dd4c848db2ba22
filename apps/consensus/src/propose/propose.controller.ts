import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { endpoints, type ProposeReply, type ProposeRequest } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { ProposeHandler } from './propose.handler.js';
import { requestIdOf } from './request-id.js';

@Controller()
export class ProposeController {
  constructor(private readonly handler: ProposeHandler) {}

  @Serve(endpoints.consensusPropose)
  propose(@Payload() request: ProposeRequest, @Ctx() context: NatsContext): Promise<ProposeReply> {
    return this.handler.propose(named(request, context));
  }

  @Serve(endpoints.consensusReplicaPropose)
  proposeHere(@Payload() request: ProposeRequest, @Ctx() context: NatsContext): Promise<ProposeReply> {
    return this.handler.proposeHere(named(request, context));
  }
}

const named = (request: ProposeRequest, context: NatsContext): ProposeRequest => ({
  ...request,
  requestId: requestIdOf(request.requestId, context.header('Nats-Msg-Id')),
});
