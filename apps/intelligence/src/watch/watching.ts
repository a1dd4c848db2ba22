import { goalTypes } from '@nexus/contracts';
import { linearModelOf, medianOf } from '@nexus/core/learning';
import { type PastOutcome, type PastWork, timeOf } from '../history/told-outcome.js';
import { type GoalType, type InUse } from '../registry/registry.js';
import { residualOf } from './residual.js';
import { workFeaturesOf } from '../training/train-latency.js';
import { type AgentFigures, type TypeFigures } from './judging.js';
import { type WatchState } from './watch-state.js';

/** How agents did of late; one that a step was taken against, since then. */
export function agentFigures(
  work: readonly PastWork[],
  { latency, watch }: Pick<InUse, 'latency' | 'watch'>,
): ReadonlyMap<string, AgentFigures> {
  const model =
    latency && latency.errorLog < latency.baselineErrorLog ? linearModelOf(latency.linear) : undefined;
  const steps = stepsOf(watch);
  const byAgent = new Map<string, PastWork[]>();
  for (const sample of work) {
    if (timeOf(sample.id) < (steps.get(sample.agentId) ?? 0)) continue;
    const own = byAgent.get(sample.agentId);
    if (own) own.push(sample);
    else byAgent.set(sample.agentId, [sample]);
  }
  const residual = ({ latencyMs, features }: PastWork) => {
    // What it took of late is left out: an agent that has become slow is as slow as it was a moment ago.
    const [, ...now] = workFeaturesOf(features);
    const predicted = model?.predict([Math.log1p(usualMs), ...now]) ?? Math.log1p(usualMs);
    return Math.log1p(latencyMs) - predicted;
  };
  const usualMs = medianOf(work.map(({ latencyMs }) => latencyMs));
  return new Map(
    [...byAgent].map(([agentId, samples]) => [
      agentId,
      {
        samples: samples.length,
        residual: medianOf(samples.map(residual)),
        medianMs: medianOf(samples.map(({ latencyMs }) => latencyMs)),
        successShare: samples.filter(({ ok }) => ok).length / samples.length,
      },
    ]),
  );
}

/** When the last step was taken against an agent, in milliseconds since 1970. */
const stepsOf = ({ agents }: WatchState): ReadonlyMap<string, number> =>
  new Map(
    agents.flatMap(({ agentId, probation }) => (probation ? [[agentId, Date.parse(probation.since)]] : [])),
  );

export interface TypePeriods {
  readonly recent: TypeFigures;
  readonly before: TypeFigures;
}

/** Recent outcomes of each type, and those before; of a demoted type, since it was demoted and before. */
export function typeFigures(
  outcomes: readonly PastOutcome[],
  { champions, watch }: Pick<InUse, 'champions' | 'watch'>,
  fromMs: number,
): ReadonlyMap<GoalType, TypePeriods> {
  return new Map(
    goalTypes.map((type) => {
      const demotion = watch.types.find((record) => record.type === type)?.demotion;
      const parted = demotion ? Date.parse(demotion.since) : fromMs;
      const own = outcomes.filter((outcome) => outcome.type === type);
      const residual = residualOf(champions.get(type)?.model);
      const figures = (part: readonly PastOutcome[]): TypeFigures => ({
        residuals: part.map(residual),
        durationsMs: part.map(({ durationMs }) => durationMs),
        successes: part.map(({ success }) => success),
      });
      const recent = own.filter(({ id }) => timeOf(id) >= parted);
      return [type, { recent: figures(recent), before: figures(own.slice(0, own.length - recent.length)) }];
    }),
  );
}
