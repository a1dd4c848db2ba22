import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type AnomaliesRequest, type AnomaliesReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { AnomaliesHandler } from './anomalies.handler.js';

@Controller()
export class AnomaliesController {
  constructor(private readonly handler: AnomaliesHandler) {}

  @Serve(endpoints.intelligenceAnomalies)
  anomalies(@Payload() request: AnomaliesRequest): Promise<AnomaliesReply> {
    return this.handler.anomalies(request);
  }
}
