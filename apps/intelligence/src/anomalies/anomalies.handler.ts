import { type AnomaliesReply, type AnomaliesRequest } from '@nexus/contracts';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { snapshotOf } from '../registry/registry.js';

export class AnomaliesHandler {
  constructor(private readonly inUse: ModelsInUse) {}

  /** What is held against whom, and what happened of late. */
  async anomalies({ limit }: AnomaliesRequest): Promise<AnomaliesReply> {
    const known = await this.inUse.refresh();
    const { probation, demotions } = snapshotOf(known);
    return { probation, demotions, recent: known.watch.recent.slice(0, limit) };
  }
}
