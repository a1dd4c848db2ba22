import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type ReadReply, type ReadRequest } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { ReadHandler } from './read.handler.js';

@Controller()
export class ReadController {
  constructor(private readonly handler: ReadHandler) {}

  @Serve(endpoints.consensusRead)
  read(@Payload() request: ReadRequest): Promise<ReadReply> {
    return this.handler.read(request);
  }

  @Serve(endpoints.consensusReplicaRead)
  readHere(@Payload() request: ReadRequest): Promise<ReadReply> {
    return this.handler.readHere(request);
  }
}
