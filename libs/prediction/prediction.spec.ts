import { describe, expect, it } from '@jest/globals';
import { type Features, type LatencyModelSnapshot, type StrategyModelSnapshot } from '@nexus/contracts';
import { LoadTable } from '@nexus/core/balancing';
import { fitRidge, Samples } from '@nexus/core/learning';
import { SeededRandom } from '@nexus/testing';
import { LatencyPredictor, StrategyPredictor, workWidth, writeFeatures, writeWork } from './index.js';

const trainedAt = '2026-01-01T00:00:00.000Z';
const situation = (complexity: number): Features => ({
  ...{ agents: 10, diversity: 0, complexity, deadlineS: 5 },
  ...{ latencyMs: 1, load: 0.1, active: 1, successRate: 1 },
});
const scores = {
  ...{ samples: 1, heldOut: 1, value: 1, baseline: 1, gain: { expected: 0, low: 0, high: 0 } },
  ...{ durationErrorMs: 1, coverage: 1, coverageClaimed: 0.9 },
};

/** Gathers take ten milliseconds for each point of complexity. */
function gatherModel(): StrategyModelSnapshot {
  const samples = new Samples(8);
  const row = new Float64Array(8);
  const targets: number[] = [];
  for (let at = 0; at < 200; at++) {
    const complexity = 1 + (at % 10);
    samples.add(writeFeatures(situation(complexity), row));
    targets.push(Math.log1p(10 * complexity));
  }
  const duration = fitRidge(samples, targets).snapshot();
  const nothing = { duration: null, durationOffsets: null, success: null, successOffsets: null };
  return {
    ...{ type: 'gather', version: 3, trainedAt, tree: null, scores },
    choices: [
      {
        ...{ ...nothing, choice: 'performance_optimized', samples: 200 },
        ...{ duration, durationOffsets: { low: -0.2, high: 0.3 } },
      },
      { ...nothing, choice: 'foundation', samples: 4 },
    ],
  };
}

describe('StrategyPredictor', () => {
  it('expects of each choice what it learned, within bounds, and of one that was hardly tried nothing', () => {
    const [usual, rare] = StrategyPredictor.from(gatherModel())!.candidates(situation(5));
    const { expected, low, high } = usual!.durationMs!;
    expect(expected).toBeGreaterThan(35);
    expect(expected).toBeLessThan(70);
    expect([low < expected, high > expected, usual!.success]).toEqual([true, true, null]);
    expect(rare).toEqual({ choice: 'foundation', samples: 4, durationMs: null, success: null });
  });

  it('advises what the layer below does where it knows nothing better', () => {
    const predictor = StrategyPredictor.from(gatherModel())!;
    expect(predictor.advise(situation(5), 0.8)).toMatchObject({
      ...{ choice: 'performance_optimized', reason: 'no_gain', confidence: null },
    });
    expect(predictor.rules()).toEqual(['always → performance_optimized, as the layer below']);
  });

  it.each([[{}], ['tree'], [{ format: 'strategy/1', actionCount: 3 }], [[]]])('is none of %j', (tree) => {
    expect(StrategyPredictor.from({ ...gatherModel(), tree })).toBeUndefined();
  });

  it.each([
    [1e-300, true],
    [1_000, true],
    [1e300, false],
    [Number.NaN, false],
  ])('predicts a finite duration, or none, for a complexity of %d', (complexity, isPredicted) => {
    const [first] = StrategyPredictor.from(gatherModel())!.candidates(situation(complexity));
    const { durationMs } = first!;
    expect(durationMs !== null).toBe(isPredicted);
    expect(Object.values(durationMs ?? {}).every((value) => value >= 0 && value < Infinity)).toBe(true);
  });
});

describe('LatencyPredictor', () => {
  /** Half of a fleet answers within a fraction of a millisecond, the other half within twenty. */
  function unequal(): LatencyModelSnapshot {
    const random = new SeededRandom(5);
    const samples = new Samples(workWidth);
    const row = new Float64Array(workWidth);
    const targets: number[] = [];
    for (let at = 0; at < 500; at++) {
      const [usualMs, inFlight] = [at % 2 === 0 ? 0.2 : 20, random.integer(1, 8)];
      const features = {
        latencyMs: usualMs,
        inFlight,
        occupancy: inFlight / 16,
        reportedLoad: random.next(),
      };
      samples.add(writeWork(features, row));
      targets.push(Math.log1p(usualMs * inFlight * random.between(0.8, 1.2)));
    }
    const linear = fitRidge(samples, targets).snapshot();
    return { version: 1, trainedAt, samples: 500, linear, errorLog: 0.1, baselineErrorLog: 0.5 };
  }

  it('never predicts less than nothing, however fast an agent is and idle', () => {
    const predictor = LatencyPredictor.from(unequal())!;
    const table = new LoadTable();
    const [fast, slow] = ['fast', 'slow'].map((id) => table.upsert(id, { weight: 1, window: 16 }, 0)) as [
      number,
      number,
    ];
    for (let at = 0; at < 50; at++) {
      table.end(table.begin(fast, at), 'done', 0.2, at);
      table.end(table.begin(slow, at), 'done', 20, at);
    }
    const predicted = [fast, slow].map((slot) => predictor.predictMs(table, slot, 60));
    expect(predicted[0]).toBeGreaterThan(0);
    expect(predicted[1]).toBeGreaterThan(5 * predicted[0]!);
  });

  it('takes no agent’s word for being idle, and any for being busy', () => {
    const model = unequal();
    const table = new LoadTable();
    const slots = ['silent', 'idle'].map((id) => table.upsert(id, { weight: 1, window: 16 }, 0));
    table.report(slots[1]!, { cpu: 0, memory: 0, queueDepth: 0 }, 0);
    const [silent, idle] = slots.map((slot) => LatencyPredictor.from(model)!.predictMs(table, slot, 0));
    expect(idle).toBe(silent);
  });

  it('is not used where it knows no more than what was measured of late', () => {
    expect(LatencyPredictor.from(unequal())!.usable).toBe(true);
    expect(LatencyPredictor.from({ ...unequal(), errorLog: 0.5 })!.usable).toBe(false);
    expect(LatencyPredictor.from({ ...unequal(), linear: { format: 'linear/1' } })).toBeUndefined();
  });
});
