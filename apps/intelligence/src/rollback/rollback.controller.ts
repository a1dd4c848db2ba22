import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type RollbackRequest, type RollbackReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { RollbackHandler } from './rollback.handler.js';

@Controller()
export class RollbackController {
  constructor(private readonly handler: RollbackHandler) {}

  @Serve(endpoints.intelligenceRollback)
  rollback(@Payload() request: RollbackRequest): Promise<RollbackReply> {
    return this.handler.rollback(request);
  }
}
