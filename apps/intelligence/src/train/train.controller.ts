import { Controller } from '@nestjs/common';
import { endpoints, type TrainReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { TrainHandler } from './train.handler.js';

@Controller()
export class TrainController {
  constructor(private readonly handler: TrainHandler) {}

  @Serve(endpoints.intelligenceTrain)
  train(): Promise<TrainReply> {
    return this.handler.train();
  }
}
