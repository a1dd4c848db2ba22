import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type ExplainRequest, type ExplainReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { ExplainHandler } from './explain.handler.js';

@Controller()
export class ExplainController {
  constructor(private readonly handler: ExplainHandler) {}

  @Serve(endpoints.intelligenceExplain)
  explain(@Payload() request: ExplainRequest): Promise<ExplainReply> {
    return this.handler.explain(request);
  }
}
