import { Controller } from '@nestjs/common';
import { type ConsensusStatus, endpoints, type ReplicaStatus } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { StatusHandler } from './status.handler.js';

@Controller()
export class StatusController {
  constructor(private readonly handler: StatusHandler) {}

  @Serve(endpoints.consensusStatus)
  all(): Promise<ConsensusStatus> {
    return this.handler.all();
  }

  @Serve(endpoints.consensusReplicaStatus)
  own(): ReplicaStatus {
    return this.handler.own();
  }
}
