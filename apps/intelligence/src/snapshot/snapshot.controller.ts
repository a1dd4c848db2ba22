import { Controller } from '@nestjs/common';
import { endpoints, type IntelligenceSnapshot } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { SnapshotHandler } from './snapshot.handler.js';

@Controller()
export class SnapshotController {
  constructor(private readonly handler: SnapshotHandler) {}

  @Serve(endpoints.intelligenceSnapshot)
  snapshot(): Promise<IntelligenceSnapshot> {
    return this.handler.snapshot();
  }
}
