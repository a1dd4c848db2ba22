import { type EventBody } from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type InUse, type Registry } from '../registry/registry.js';
import { type StoredModel } from '../registry/stored-model.js';
import { type TrainedLatency } from './train-latency.js';
import { type TrainedStrategy } from './train-strategy.js';

/** Enters what was trained, puts it in use where it is better, and tells. */
export class Promotion {
  constructor(
    private readonly registry: Registry,
    private readonly inUse: ModelsInUse,
    private readonly events: EventPublisher,
  ) {}

  /** @param before what was in use when it was trained: what changed since then is left, and judged at the next training */
  async enter(trained: TrainedStrategy, before: InUse): Promise<void> {
    const { type, verdict, trainedTo } = trained;
    const champion = before.champions.get(type);
    const isPromoted = verdict.kind === 'promote' || (verdict.kind === 'retire' && verdict.to === undefined);
    const record = recordOf(trained, (before.versions[type] ?? 0) + 1, isPromoted);
    const committed = await this.registry.commit({
      ...{ type, trainedTo, record, isPromoted },
      champion: {
        version: before.championVersions[type] ?? '',
        record: champion && succeeded(champion, trained, record.model.version),
      },
    });
    if (committed.kind !== 'committed') return;
    if (verdict.kind === 'retire' && verdict.to !== undefined) await this.goBack(trained, verdict.to);
    else if (isPromoted) this.announce(record, champion, verdict.kind === 'retire');
    await this.inUse.refresh();
  }

  async enterLatency(trained: TrainedLatency, before: InUse): Promise<void> {
    const version = (before.latency?.version ?? 0) + 1;
    const model = { ...trained, version, trainedAt: new Date().toISOString() };
    const { kind } = await this.registry.commitLatency(before.latencyText, model);
    if (kind === 'committed') await this.inUse.refresh();
  }

  private async goBack({ type, verdict }: TrainedStrategy, to: number): Promise<void> {
    const versions = await this.registry.versionsOf(type);
    const from = versions.find(({ state }) => state === 'champion');
    const target = versions.find(({ model }) => model.version === to);
    if (from === undefined || target === undefined) return;
    const { reason } = verdict;
    const back: StoredModel = {
      ...target,
      state: 'champion',
      reason: `in the place of ${from.model.version}`,
    };
    const { kind } = await this.registry.switch(type, { ...from, state: 'rolled_back', reason }, back);
    if (kind === 'committed') this.announce(back, from, true, reason);
  }

  private announce(
    to: StoredModel,
    from: StoredModel | undefined,
    isBack: boolean,
    reason = to.reason,
  ): void {
    const { type, version, scores } = to.model;
    const body: EventBody<'model.promoted'> = {
      ...{ type, version, previous: from?.model.version ?? null, reason, scores },
      at: new Date().toISOString(),
    };
    this.events.publish(isBack ? 'model.rolled_back' : 'model.promoted', body);
  }
}

function recordOf(trained: TrainedStrategy, version: number, isPromoted: boolean): StoredModel {
  const { type, choices, tree, scores, verdict, fittedTo, trainedTo } = trained;
  return {
    model: { type, version, trainedAt: new Date().toISOString(), choices, tree, scores },
    state: isPromoted ? 'champion' : 'rejected',
    reason: verdict.reason,
    fittedTo,
    promotedAt: isPromoted ? trainedTo : '',
  };
}

/** The one in use as it is from now on: where it stays, it predicts by what was learned last. */
function succeeded(champion: StoredModel, { verdict, choices }: TrainedStrategy, by: number): StoredModel {
  switch (verdict.kind) {
    case 'promote':
      return { ...champion, state: 'former', reason: `until version ${by}: ${verdict.reason}` };
    case 'keep':
      return { ...champion, model: { ...champion.model, choices } };
    case 'retire':
      return verdict.to === undefined
        ? { ...champion, state: 'rolled_back', reason: verdict.reason }
        : champion;
  }
}
