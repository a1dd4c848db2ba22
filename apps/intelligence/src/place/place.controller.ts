import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type PlaceRequest, type PlaceReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { PlaceHandler } from './place.handler.js';

@Controller()
export class PlaceController {
  constructor(private readonly handler: PlaceHandler) {}

  @Serve(endpoints.intelligencePlace)
  place(@Payload() request: PlaceRequest): Promise<PlaceReply> {
    return this.handler.place(request);
  }
}
