import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type MetricsReply, type MetricsRequest } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { MetricsHandler } from './metrics.handler.js';

@Controller()
export class MetricsController {
  constructor(private readonly handler: MetricsHandler) {}

  @Serve(endpoints.coordinatorMetrics)
  read(@Payload() request: MetricsRequest): Promise<MetricsReply> {
    return this.handler.read(request);
  }
}
