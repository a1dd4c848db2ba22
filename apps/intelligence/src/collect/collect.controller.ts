import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type OutcomeReport, type OutcomeReportReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { CollectHandler } from './collect.handler.js';

@Controller()
export class CollectController {
  constructor(private readonly handler: CollectHandler) {}

  @Serve(endpoints.intelligenceOutcomes)
  collect(@Payload() request: OutcomeReport): Promise<OutcomeReportReply> {
    return this.handler.collect(request);
  }
}
