import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type PredictRequest, type PredictReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { PredictHandler } from './predict.handler.js';

@Controller()
export class PredictController {
  constructor(private readonly handler: PredictHandler) {}

  @Serve(endpoints.intelligencePredict)
  predict(@Payload() request: PredictRequest): Promise<PredictReply> {
    return this.handler.predict(request);
  }
}
