import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type AgentId, endpoints, type RoutesSnapshotReply } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { SnapshotHandler } from './snapshot.handler.js';

@Controller()
export class SnapshotController {
  constructor(private readonly handler: SnapshotHandler) {}

  @Serve(endpoints.routesSnapshot)
  page(@Payload() { after }: { after?: AgentId }): Promise<RoutesSnapshotReply> {
    return this.handler.page(after);
  }
}
