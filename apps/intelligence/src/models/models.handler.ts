import { goalTypes, limits, type ModelsReply, type ModelsRequest } from '@nexus/contracts';
import { StrategyPredictor } from '@nexus/prediction';
import { type History } from '../history/history.js';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type Registry } from '../registry/registry.js';
import { type Figures } from '../figures.js';

export class ModelsHandler {
  constructor(
    private readonly registry: Registry,
    private readonly inUse: ModelsInUse,
    private readonly history: History,
    private readonly figures: Figures,
  ) {}

  /** @throws NexusError `unavailable` while Redis does not answer */
  async models({ type, limit }: ModelsRequest): Promise<ModelsReply> {
    const types = type === undefined ? goalTypes : [type];
    const [known, history, ...versions] = await Promise.all([
      this.inUse.refresh(),
      this.history.figures(),
      ...types.map((of) => this.registry.versionsOf(of)),
    ]);
    const { latency } = known;
    const { outcomes, work, duplicates, refused } = history;
    return {
      models: versions.flatMap((of) =>
        of.slice(0, limit).map(({ model, state, reason }) => ({
          ...{ type: model.type, version: model.version, state, reason },
          rules: StrategyPredictor.from(model)?.rules() ?? [],
          ...{ trainedAt: model.trainedAt, scores: model.scores },
        })),
      ),
      latency: latency && {
        ...{ version: latency.version, trainedAt: latency.trainedAt, samples: latency.samples },
        ...{ errorLog: latency.errorLog, baselineErrorLog: latency.baselineErrorLog },
      },
      training: this.figures.training(),
      history: { outcomes, work, duplicates, refused, max: limits.historyMax },
      revision: known.revision,
    };
  }
}
