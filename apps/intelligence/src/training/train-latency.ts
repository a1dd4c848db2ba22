import { type LatencyModelSnapshot } from '@nexus/contracts';
import { fitRidge, Samples, timeOrderedSplit, winsorised } from '@nexus/core/learning';
import { workWidth, writeWork } from '@nexus/prediction';
import { type PastWork } from '../history/told-outcome.js';
import { latestWithinShares, type WindowOptions } from './training-window.js';

export interface LatencyTraining extends WindowOptions {
  /** In the order of time. */
  readonly work: readonly PastWork[];
  readonly samplesMin: number;
}

export type TrainedLatency = Omit<LatencyModelSnapshot, 'version' | 'trainedAt'>;

const winsorisedShare = 0.01;

/** How long work takes at an agent; undefined when there are too few samples. Liars have no more than their share. */
export function trainLatency(training: LatencyTraining): TrainedLatency | undefined {
  const usable = training.work
    .filter(({ ok }) => ok)
    .map((sample) => ({ ...sample, source: sample.agentId }));
  const rows = latestWithinShares(usable, training);
  if (rows.length < training.samplesMin) return undefined;
  const features = new Samples(workWidth, rows.length);
  const written = new Float64Array(workWidth);
  const taken = rows.filter((row) => features.add(writeWork(row.features, written)));
  const targets = winsorised(
    taken.map(({ latencyMs }) => Math.log1p(latencyMs)),
    winsorisedShare,
  );
  const { trainSize } = timeOrderedSplit(taken.length, 0.3);
  const earlier = fitRidge(features.slice(0, trainSize), targets.slice(0, trainSize), { isRobust: true });
  const later = taken.map((_, at) => at).slice(trainSize);
  const meanOf = (error: (at: number) => number) =>
    later.reduce((sum, at) => sum + Math.abs(error(at)), 0) / Math.max(1, later.length);
  return {
    samples: taken.length,
    linear: fitRidge(features, targets, { isRobust: true }).snapshot(),
    errorLog: meanOf((at) => targets[at]! - earlier.predict(features.rowAt(at))),
    baselineErrorLog: meanOf((at) => targets[at]! - features.rowAt(at)[0]!),
  };
}
