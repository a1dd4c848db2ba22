import { featureNames, type LatencyModelSnapshot, type StrategyModelSnapshot } from '@nexus/contracts';
import { type LinearModel, linearModelOf, medianOf } from '@nexus/core/learning';
import { LatencyPredictor } from '@nexus/prediction';
import { type SeenOutcome, type SeenWork } from '../history/history-tail.js';
import { type InUse } from '../registry/registry.js';
import { type AgentSample } from './agent-watch.js';
import { type GoalSample } from './goal-watch.js';

/** What residuals are measured against where no model predicts. */
const noModel = 'none';

/**
 * Work as the watch looks at it. What an agent took of late is left out of what is predicted: one that has become slow is as
 * slow as it was a moment ago.
 */
export function agentSamples(work: readonly SeenWork[], latency: LatencyModelSnapshot | null): AgentSample[] {
  const predictor = latency === null ? undefined : LatencyPredictor.from(latency);
  const usualMs = medianOf(work.map(({ latencyMs }) => latencyMs));
  const against = latency !== null && predictor?.usable ? String(latency.version) : noModel;
  return work.map(({ agentId, features, latencyMs, ok, atMs }) => {
    const predictedMs = predictor?.usable ? predictor.predict({ ...features, latencyMs: usualMs }) : usualMs;
    const residualLog = Math.log1p(latencyMs) - Math.log1p(predictedMs);
    return { agentId, residualLog, against, latencyMs, ok, atMs };
  });
}

/** Coordinations as the watch looks at them. Where a model is in use, what it does not know is left out. */
export function goalSamples(outcomes: readonly SeenOutcome[], champions: InUse['champions']): GoalSample[] {
  const inUse = new Map([...champions].map(([type, { model }]) => [type, predicting(model)]));
  return outcomes.flatMap(({ type, choice, features, user, durationMs, success, layer, atMs }) => {
    const known = inUse.get(type);
    const model = known?.models.get(choice);
    if (known && !model) return [];
    const predictedLog = model?.predict(featureNames.map((name) => features[name])) ?? 0;
    return {
      ...{
        type,
        user,
        residualLog: Math.log1p(durationMs) - predictedLog,
        against: known?.against ?? noModel,
      },
      ...{ durationMs, success, layer, agents: features.agents, atMs },
    };
  });
}

function predicting({ version, choices }: StrategyModelSnapshot): {
  readonly against: string;
  readonly models: ReadonlyMap<string, LinearModel>;
} {
  const models = choices.flatMap(({ choice, duration }) => {
    const model = linearModelOf(duration);
    return model ? [[choice, model] as const] : [];
  });
  return { against: String(version), models: new Map(models) };
}
