import { NexusError, type RollbackReply, type RollbackRequest } from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type Registry } from '../registry/registry.js';
import { type StoredModel } from '../registry/stored-model.js';

/** Puts an earlier version in use, by hand; it stays until a later one is better. */
export class RollbackHandler {
  constructor(
    private readonly registry: Registry,
    private readonly inUse: ModelsInUse,
    private readonly events: EventPublisher,
  ) {}

  /** @throws NexusError `not_found` for a version that is not kept, `conflict` when models change at the same moment */
  async rollback({ type, version }: RollbackRequest): Promise<RollbackReply> {
    const versions = await this.registry.versionsOf(type);
    const from = versions.find(({ state }) => state === 'champion');
    const to = targetOf(versions, version);
    if (from === undefined && to === undefined) {
      return { type, from: null, to: null, revision: (await this.inUse.refresh()).revision };
    }
    const reply = { type, from: from?.model.version ?? null, to: to?.model.version ?? null };
    if (from && from === to) return { ...reply, revision: (await this.inUse.refresh()).revision };
    const reason = 'by hand';
    const { kind, revision } = await this.registry.switch(
      type,
      from && { ...from, state: 'rolled_back', reason },
      to && { ...to, state: 'champion', reason },
    );
    if (kind !== 'committed') throw new NexusError('conflict', 'the models change at this moment; try again');
    this.events.publish('model.rolled_back', {
      ...{ type, version: reply.to, previous: reply.from, reason, scores: to?.model.scores ?? null },
      at: new Date().toISOString(),
    });
    await this.inUse.refresh();
    return { ...reply, revision };
  }
}

/** The version that is named, or the latest that was in use before. */
function targetOf(versions: readonly StoredModel[], version: number | undefined): StoredModel | undefined {
  if (version === undefined) return versions.find(({ state }) => state === 'former');
  const named = versions.find(({ model }) => model.version === version);
  if (named) return named;
  throw new NexusError('not_found', `version ${version} is not kept`);
}
