import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { endpoints, type LearnReply, type LearnRequest } from '@nexus/contracts';
import { NatsContext, Serve } from '@nexus/platform/nats';
import { LearnHandler } from './learn.handler.js';

@Controller()
export class LearnController {
  constructor(private readonly handler: LearnHandler) {}

  @Serve(endpoints.intelligenceLearn)
  learn(@Payload() request: LearnRequest, @Ctx() context: NatsContext): Promise<LearnReply> {
    return this.handler.learn(context.params['userId'], request);
  }

  @Serve(endpoints.intelligenceLearnAnonymous)
  learnAnonymous(@Payload() request: LearnRequest): Promise<LearnReply> {
    return this.handler.learn(undefined, request);
  }
}
