import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type DismissRequest, type DismissReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { DismissHandler } from './dismiss.handler.js';

@Controller()
export class DismissController {
  constructor(private readonly handler: DismissHandler) {}

  @Serve(endpoints.intelligenceDismiss)
  dismiss(@Payload() request: DismissRequest): Promise<DismissReply> {
    return this.handler.dismiss(request);
  }
}
