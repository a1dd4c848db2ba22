import { type IntelligenceSnapshot } from '@nexus/contracts';
import { type ModelsInUse } from '../registry/models-in-use.js';

/** Hands all that coordinators hold to those who lack it; what was known last while Redis is away. */
export class SnapshotHandler {
  constructor(private readonly inUse: ModelsInUse) {}

  /** @throws NexusError `unavailable` before anything was ever read */
  snapshot(): Promise<IntelligenceSnapshot> {
    return this.inUse.current();
  }
}
