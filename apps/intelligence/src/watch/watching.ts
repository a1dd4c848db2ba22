import { type LatencyModelSnapshot } from '@nexus/contracts';
import { medianOf } from '@nexus/core/learning';
import { LatencyPredictor } from '@nexus/prediction';
import { type PastOutcome, type PastWork, timeOf } from '../history/told-outcome.js';
import { type InUse } from '../registry/registry.js';
import { type AgentSample } from './agent-watch.js';
import { type GoalSample } from './goal-watch.js';
import { residualOf } from './residual.js';

/**
 * Work as the watch looks at it. What an agent took of late is left out of what is predicted: one that has become slow is as
 * slow as it was a moment ago.
 */
export function agentSamples(work: readonly PastWork[], latency: LatencyModelSnapshot | null): AgentSample[] {
  const predictor = latency ? LatencyPredictor.from(latency) : undefined;
  const usualMs = medianOf(work.map(({ latencyMs }) => latencyMs));
  return work.map(({ id, agentId, features, latencyMs, ok }) => {
    const predictedMs = predictor?.usable ? predictor.predict({ ...features, latencyMs: usualMs }) : usualMs;
    const residualLog = Math.log1p(latencyMs) - Math.log1p(predictedMs);
    return { agentId, residualLog, latencyMs, ok, atMs: timeOf(id) };
  });
}

/** Coordinations as the watch looks at them. */
export function goalSamples(outcomes: readonly PastOutcome[], champions: InUse['champions']): GoalSample[] {
  const residuals = new Map([...champions].map(([type, { model }]) => [type, residualOf(model)]));
  const withoutModel = residualOf(undefined);
  return outcomes.map((outcome) => {
    const { id, type, durationMs, success } = outcome;
    const residualLog = (residuals.get(type) ?? withoutModel)(outcome);
    return { type, residualLog, durationMs, success, atMs: timeOf(id) };
  });
}
