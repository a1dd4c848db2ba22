import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type ModelsRequest, type ModelsReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { ModelsHandler } from './models.handler.js';

@Controller()
export class ModelsController {
  constructor(private readonly handler: ModelsHandler) {}

  @Serve(endpoints.intelligenceModels)
  models(@Payload() request: ModelsRequest): Promise<ModelsReply> {
    return this.handler.models(request);
  }
}
