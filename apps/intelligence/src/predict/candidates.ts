import {
  type Candidate,
  type Estimate,
  featureNames,
  type Features,
  type StrategyModelSnapshot,
} from '@nexus/contracts';
import { linearModelOf } from '@nexus/core/learning';

type ChoiceModel = StrategyModelSnapshot['choices'][number];

export const rowOf = (features: Features): number[] => featureNames.map((name) => features[name]);

/** What a model expects of a choice in a situation. */
export function candidateOf(model: ChoiceModel, features: Features): Candidate {
  const { choice, samples, duration, durationOffsets, success, successOffsets } = model;
  const share = (value: number) => Math.min(1, Math.max(0, value));
  return {
    ...{ choice, samples },
    durationMs: estimated(duration, durationOffsets, features, (log) =>
      Math.max(0, Math.expm1(Math.min(log, 20))),
    ),
    success: estimated(success, successOffsets, features, share),
  };
}

function estimated(
  snapshot: unknown,
  offsets: { readonly low: number; readonly high: number } | null,
  features: Features,
  unitOf: (value: number) => number,
): Estimate | null {
  const predicted = linearModelOf(snapshot)?.predict(rowOf(features));
  if (predicted === undefined || Number.isNaN(predicted) || offsets === null) return null;
  return {
    expected: unitOf(predicted),
    low: unitOf(predicted + offsets.low),
    high: unitOf(predicted + offsets.high),
  };
}
