import { featureNames, type StrategyModelSnapshot } from '@nexus/contracts';
import { linearModelOf } from '@nexus/core/learning';
import { type LearnedOutcome } from '../history/told-outcome.js';

/** How much longer an outcome took than the model says of its choice, in logarithms; without one, how long it took. */
export function residualOf(model: StrategyModelSnapshot | undefined): (outcome: LearnedOutcome) => number {
  const models = new Map(model?.choices.map(({ choice, duration }) => [choice, linearModelOf(duration)]));
  return ({ choice, durationMs, features }) => {
    const predicted = models.get(choice)?.predict(featureNames.map((name) => features[name]));
    return Math.log1p(durationMs) - (predicted ?? 0);
  };
}
