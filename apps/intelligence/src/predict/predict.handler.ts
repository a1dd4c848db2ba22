import {
  choicesOf,
  featureNames,
  type Features,
  type PredictReply,
  type PredictRequest,
  type StrategyModelSnapshot,
} from '@nexus/contracts';
import { StrategyPredictor } from '@nexus/prediction';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type UsualSituation } from './usual-situation.js';

/** Says what would be done in a situation, by the model in use; also while Redis is away. */
export class PredictHandler {
  /** Of the models that were asked last; a snapshot is replaced when anything of it changes. */
  private readonly predictors = new WeakMap<StrategyModelSnapshot, StrategyPredictor>();

  /** @param confidenceMin as coordinators have it */
  constructor(
    private readonly inUse: ModelsInUse,
    private readonly usual: UsualSituation,
    private readonly confidenceMin: number,
  ) {}

  async predict({ type, features: given }: PredictRequest): Promise<PredictReply> {
    const snapshot = await this.inUse.current();
    const usual = await this.usual.of(type);
    const assumed = featureNames.filter((name) => given[name] === undefined);
    const features = Object.fromEntries(
      featureNames.map((name) => [name, given[name] ?? usual[name]]),
    ) as Features;
    const below = choicesOf[type][0];
    const head = { type, below, features, assumed };
    const model = snapshot.strategies.find((strategy) => strategy.type === type);
    const predictor = model && this.predictorOf(model);
    if (!model || !predictor) {
      const nothing = { confidence: null, reasoning: 'too few outcomes yet', candidates: [], model: null };
      return { ...head, ...nothing, recommended: below, reason: 'no_model' };
    }
    const { choice, ...advice } = predictor.advise(features, this.confidenceMin);
    return {
      ...{ ...head, ...advice, recommended: choice },
      candidates: predictor.candidates(features),
      model: { version: model.version, trainedAt: model.trainedAt, scores: model.scores },
    };
  }

  private predictorOf(model: StrategyModelSnapshot): StrategyPredictor | undefined {
    const known = this.predictors.get(model);
    if (known) return known;
    const predictor = StrategyPredictor.from(model);
    if (predictor) this.predictors.set(model, predictor);
    return predictor;
  }
}
