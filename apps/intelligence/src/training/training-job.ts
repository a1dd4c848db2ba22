import { goalTypes, NexusError } from '@nexus/contracts';
import { inSpan } from '@nexus/wire';
import { type History } from '../history/history.js';
import { type PastOutcome } from '../history/told-outcome.js';
import { type InUse, type Registry } from '../registry/registry.js';
import { type StoredModel } from '../registry/stored-model.js';
import { type Trained, type TrainingTask } from './train-all.js';
import { type KnownTree } from './verdict.js';
import { linksTo } from './trace-links.js';
import { type Promotion } from './promotion.js';

export interface TrainingJobOptions {
  readonly samples: number;
  readonly samplesMin: number;
  readonly shareMax: number;
  readonly margin: number;
}

export interface TrainingJobParts {
  readonly history: History;
  readonly registry: Registry;
  readonly promotion: Promotion;
  /** Trains off the event loop. */
  readonly train: (task: TrainingTask, signal: AbortSignal) => Promise<Trained>;
}

/** Samples of work that the model of latencies is trained on at most. */
const workSamplesMax = 5_000;

/**
 * One training: reads the history, trains in a thread, enters what came of it. Done twice, as after a worker died in the
 * middle, it enters it once.
 */
export class TrainingJob {
  /** Trainings since this process began. */
  runs = 0;

  constructor(
    private readonly parts: TrainingJobParts,
    private readonly options: TrainingJobOptions,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { history, registry, promotion, train } = this.parts;
    const outcomes = await history.latestOutcomes();
    await inSpan('intelligence train', {}, async (span) => {
      span.addLinks(linksTo(outcomes.map(({ traceId }) => traceId)));
      const inUse = await registry.read();
      const trained = await train(await this.task(outcomes, inUse), signal);
      if (signal.aborted) throw NexusError.from(signal.reason);
      for (const strategy of trained.strategies) await promotion.enter(strategy, inUse);
      if (trained.latency) await promotion.enterLatency(trained.latency, inUse);
      await registry.noteTrained(new Date().toISOString());
    });
    this.runs++;
  }

  private async task(outcomes: readonly PastOutcome[], inUse: InUse): Promise<TrainingTask> {
    const { samples, samplesMin, shareMax, margin } = this.options;
    const { history, registry } = this.parts;
    const strategies = goalTypes.map(async (type) => {
      const champion = inUse.champions.get(type);
      const versions = champion ? await registry.versionsOf(type) : [];
      const former = versions.filter(({ state }) => state === 'former').map(known);
      return {
        ...{ type, samples, samplesMin, shareMax, margin, former },
        outcomes: outcomes.filter((outcome) => outcome.type === type),
        champion: champion && known(champion),
        drift: inUse.drifted.get(type) ?? '',
        learnedFrom: inUse.learnedFrom.get(type) ?? '',
        rolledBackAt: inUse.rolledBack.get(type) ?? '',
      };
    });
    const work = await history.latestWork();
    return {
      strategies: await Promise.all(strategies),
      latency: { work, samples: workSamplesMax, samplesMin, shareMax },
    };
  }
}

const known = ({ model, fittedTo, promotedAt }: StoredModel): KnownTree => ({
  ...{ version: model.version, tree: model.tree, fittedTo, promotedAt },
});
