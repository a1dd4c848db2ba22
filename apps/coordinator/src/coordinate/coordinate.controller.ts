import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { type CoordinateRequest, endpoints, parse, userIdSchema } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { CoordinateHandler } from './coordinate.handler.js';
import { type FittingReply } from './fit-reply.js';

const anonymous = parse(userIdSchema, 'anonymous', 'user');

@Controller()
export class CoordinateController {
  constructor(private readonly handler: CoordinateHandler) {}

  @Serve(endpoints.coordinate)
  coordinate(@Payload() request: CoordinateRequest, @Ctx() context: NatsContext): Promise<FittingReply> {
    const user = parse(userIdSchema, context.params['userId'], 'user');
    return this.handler.handle({ user, request, context });
  }

  @Serve(endpoints.coordinateAnonymous)
  coordinateAnonymous(
    @Payload() request: CoordinateRequest,
    @Ctx() context: NatsContext,
  ): Promise<FittingReply> {
    return this.handler.handle({ user: anonymous, request, context });
  }
}
