import {
  choicesOf,
  featureNames,
  type Features,
  type PredictReply,
  type PredictRequest,
} from '@nexus/contracts';
import { describePath, StrategyModel } from '@nexus/core/learning';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { candidateOf, rowOf } from './candidates.js';
import { type UsualSituation } from './usual-situation.js';

/** Below that the recommendation is no more than a guess: what coordinators demand, too. */
const confidenceMin = 0.6;

/** Says what would be done in a situation, by the model in use; also while Redis is away. */
export class PredictHandler {
  constructor(
    private readonly inUse: ModelsInUse,
    private readonly usual: UsualSituation,
  ) {}

  async predict({ type, features: given }: PredictRequest): Promise<PredictReply> {
    const snapshot = await this.inUse.current();
    const usual = await this.usual.of(type);
    const assumed = featureNames.filter((name) => given[name] === undefined);
    const features = Object.fromEntries(
      featureNames.map((name) => [name, given[name] ?? usual[name]]),
    ) as Features;
    const below = choicesOf[type][0];
    const model = snapshot.strategies.find((strategy) => strategy.type === type);
    const tree = StrategyModel.restore(model?.tree);
    const head = { type, below, features, assumed };
    const told = model
      ? {
          candidates: model.choices.map((choice) => candidateOf(choice, features)),
          model: { version: model.version, trainedAt: model.trainedAt, scores: model.scores },
        }
      : { candidates: [], model: null };
    if (tree === undefined) {
      const reasoning = model ? 'nothing is better than the layer below' : 'too few outcomes yet';
      return { ...head, ...told, recommended: below, reason: 'no_model', confidence: null, reasoning };
    }
    const { action, probability, leaf, samples } = tree.choose(rowOf(features));
    const isSure = probability >= confidenceMin;
    const choice = choicesOf[type][action] ?? below;
    const path = describePath(tree.pathOf(leaf), featureNames);
    return {
      ...{ ...head, ...told, confidence: probability },
      recommended: isSure ? choice : below,
      reason: isSure ? 'chosen' : 'unsure',
      reasoning: `${path} → ${choice} (${Math.round(probability * 100)} %, ${samples} samples)`,
    };
  }
}
