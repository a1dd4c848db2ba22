import { type DismissReply, type DismissRequest, NexusError } from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type Registry } from '../registry/registry.js';
import { dismiss } from '../watch/watch-step.js';

/** Others may take steps at the same moment; then it is tried again. */
const attemptsMax = 5;

export class DismissHandler {
  constructor(
    private readonly registry: Registry,
    private readonly inUse: ModelsInUse,
    private readonly events: EventPublisher,
  ) {}

  /** @throws NexusError `unavailable` while Redis does not answer, or when too much happens at the same moment */
  async dismiss({ agentId, type, quietMs }: DismissRequest): Promise<DismissReply> {
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const before = await this.registry.read();
      const response = dismiss(before.watch, { agentId, type }, { nowMs: Date.now(), quietMs });
      if (response === undefined) return { dismissed: false, revision: before.revision };
      const { kind, revision } = await this.registry.commitWatch(before.watchText, response.state, true);
      if (kind !== 'committed') continue;
      for (const anomaly of response.happened) this.events.publish('anomaly.cleared', anomaly);
      await this.inUse.refresh();
      return { dismissed: true, revision };
    }
    throw new NexusError('unavailable', 'steps are being taken at the same moment', { retryAfterMs: 1_000 });
  }
}
