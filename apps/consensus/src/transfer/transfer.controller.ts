import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { endpoints, type ReplicaId } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { TransferHandler } from './transfer.handler.js';

@Controller()
export class TransferController {
  constructor(private readonly handler: TransferHandler) {}

  @Serve(endpoints.consensusTransfer)
  transfer(@Payload() { to }: { to?: ReplicaId }) {
    return this.handler.transfer(to ?? null);
  }
}
