import { describe, expect, it } from '@jest/globals';
import { type WorkSample } from '@nexus/contracts';
import { type LoadTable, type Outcome } from '@nexus/core/balancing';
import { LatencyPredictor } from '@nexus/prediction';
import { contest } from '@nexus/testing';
import { type PastWork } from '../history/told-outcome.js';
import { trainLatency } from './train-latency.js';

const seeds = [3, 4, 5];
const durationMs = 8_000;
const utilisation = 0.7;

type Watched = Pick<PastWork, 'agentId' | 'features'>;

/** Work of a fleet of unequal agents in virtual time, as coordinators note it. */
function workOf(seed: number, liars: number, predictor?: LatencyPredictor) {
  const work: PastWork[] = [];
  const watch = {
    began: (table: LoadTable, slot: number, nowMs: number): Watched => {
      const inFlight = table.outstanding(slot);
      return {
        agentId: table.idOf(slot) as WorkSample['agentId'],
        features: {
          latencyMs: table.meanLatencyMs(slot),
          ...{ inFlight, occupancy: inFlight / table.window(slot) },
          reportedLoad: table.reportedLoad(slot, nowMs),
        },
      };
    },
    ended: (watched: object, outcome: Outcome, latencyMs: number) => {
      if (outcome === 'withdrawn' || outcome === 'refused') return;
      const sample = { node: null, latencyMs, ok: outcome === 'done', id: `${work.length}-0` };
      work.push({ ...(watched as Watched), ...sample });
    },
  };
  const result = contest({
    ...{ seed, contestant: 'adaptive', utilisation, durationMs, liars, watch },
    ...(predictor && { predictor }),
  });
  return { work, result };
}

function modelFrom(work: readonly PastWork[]): LatencyPredictor {
  const trained = trainLatency({ work, samples: 5_000, samplesMin: 100, shareMax: 0.25 })!;
  const snapshot = { ...trained, version: 1, trainedAt: new Date(0).toISOString() };
  return LatencyPredictor.from(snapshot)!;
}

/** Mean absolute error of the logarithm. */
function errorOn(model: LatencyPredictor, work: readonly PastWork[]): number {
  const done = work.filter(({ ok }) => ok);
  const errors = done.map(({ features, latencyMs }) =>
    Math.abs(Math.log1p(latencyMs) - Math.log1p(model.predict(features))),
  );
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

describe('agents that say that they are idle', () => {
  it.each(seeds.flatMap((seed) => [1, 4].map((liars) => [seed, liars] as const)))(
    'gain nothing from the model, and hardly spoil it: seed %d, %d of 20',
    (seed, liars) => {
      const clean = workOf(seed, 0);
      const unseen = workOf(seed + 100, 0).work;
      const spoiled = modelFrom(workOf(seed, liars).work);
      expect(spoiled.usable).toBe(true);
      expect(errorOn(spoiled, unseen)).toBeLessThanOrEqual(2 * errorOn(modelFrom(clean.work), unseen));
      const { liarByFairShare, errorShare } = workOf(seed + 200, liars, spoiled).result;
      expect(liarByFairShare).toBeLessThanOrEqual(1.5);
      expect(errorShare).toBeLessThan(0.05);
    },
  );

  it('are no reason to do without the model: what takes longest takes less time by it', () => {
    const p99Of = (predictor: (seed: number) => LatencyPredictor | undefined) =>
      seeds.reduce((sum, seed) => sum + workOf(seed + 200, 4, predictor(seed)).result.p99Ms, 0);
    const without = p99Of(() => undefined);
    expect(p99Of((seed) => modelFrom(workOf(seed, 4).work))).toBeLessThan(without);
  });
});
