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
    const isRetired = verdict.kind === 'retire';
    const target = isRetired ? verdict.to : undefined;
    const isPromoted = verdict.kind === 'promote' || (isRetired && target === undefined);
    const record = recordOf(trained, (before.versions[type] ?? 0) + 1, isPromoted);
    const back = target === undefined ? undefined : await this.backTo(trained, target, champion);
    // The version to go back to was forgotten meanwhile: the next training looks again.
    if (target !== undefined && back === undefined) return;
    const committed = await this.registry.commit({
      ...{ type, trainedTo, record, isPromoted, back, drift: trained.drift },
      rolledBackAt: before.rolledBack.get(type) ?? '',
      champion: {
        version: before.championVersions[type] ?? '',
        record: champion && succeeded(champion, trained, record.model.version),
      },
    });
    if (committed.kind !== 'committed') return;
    if (back !== undefined) this.announce(back, champion, true, verdict.reason);
    else if (isPromoted) this.announce(record, champion, isRetired);
    await this.inUse.refresh();
  }

  async enterLatency(trained: TrainedLatency, before: InUse): Promise<void> {
    const version = (before.latency?.version ?? 0) + 1;
    const model = { ...trained, version, trainedAt: new Date().toISOString() };
    const { kind } = await this.registry.commitLatency(before.latencyText, model);
    if (kind === 'committed') await this.inUse.refresh();
  }

  private async backTo(
    { type }: TrainedStrategy,
    version: number,
    from: StoredModel | undefined,
  ): Promise<StoredModel | undefined> {
    const versions = await this.registry.versionsOf(type);
    const target = versions.find(({ model }) => model.version === version);
    return target && { ...target, state: 'champion', reason: `in the place of ${from?.model.version}` };
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

/** The one in use as it is from now on: where it stays, it predicts by what was learned last, unless that is worse. */
function succeeded(champion: StoredModel, trained: TrainedStrategy, by: number): StoredModel {
  const { verdict } = trained;
  switch (verdict.kind) {
    case 'promote':
      return { ...champion, state: 'former', reason: `until version ${by}: ${verdict.reason}` };
    case 'keep':
      return { ...champion, model: withPredictions(champion.model, trained) };
    case 'retire':
      return { ...champion, state: 'rolled_back', reason: verdict.reason };
  }
}

/** By how much the share within the bounds may be off what is claimed. */
const coverageTolerance = 0.05;

/** Takes over what is predicted, with what is known of how good that is. */
export function withPredictions(
  model: StoredModel['model'],
  { choices, scores }: Pick<TrainedStrategy, 'choices' | 'scores'>,
): StoredModel['model'] {
  const { durationErrorMs, coverage, coverageClaimed } = scores;
  const offBy = Math.abs(coverage - coverageClaimed);
  const offBefore = Math.abs(model.scores.coverage - model.scores.coverageClaimed);
  if (offBy > coverageTolerance && offBy >= offBefore) return model;
  return {
    ...{ ...model, choices: [...choices], trainedAt: new Date().toISOString() },
    scores: { ...model.scores, durationErrorMs, coverage, coverageClaimed },
  };
}
