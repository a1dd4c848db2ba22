import { describe, expect, it } from '@jest/globals';
import { metricsReplySchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { renderMetrics } from './render-metrics.js';

const paint = coloursFor({ isTTY: false });
const none = { done: 0, failed: 0, assigned: 0 };

const replyOf = (more: object = {}) =>
  metricsReplySchema.parse({
    ...{ scope: 'all', coordinations: [], ejections: 2, assignments: [] },
    coordinator: { nodeId: 'c-1', inFlight: 3, unitsInFlight: 40, waiting: 1, agents: 20, ejected: 1 },
    ...more,
  });

const gather = {
  ...{ type: 'gather', algorithm: null, complete: 5, partial: 1, failed: 0, refused: 0 },
  ...{ layers: { performance: 6 }, agents: 60, units: none },
  durationMs: { mean: 2, p50: 1.5, p99: 1_500 },
  throughputPerS: { p50: 6_666.6, p99: 9_000 },
};
const work = {
  ...{ type: 'load_balance', algorithm: 'peak_ewma', complete: 0, partial: 0, failed: 0, refused: 1 },
  ...{ layers: {}, agents: 0, units: { done: 7, failed: 2, assigned: 1 } },
  ...{ durationMs: null, throughputPerS: null },
};

describe('renderMetrics', () => {
  it('shows a line a type and algorithm, and who was assigned most', () => {
    const agents = ['a', 'b'].map((agentId, at) => ({ agentId, assignments: 5 - at }));
    const reply = replyOf({
      coordinations: [gather, work],
      assignments: [{ algorithm: 'peak_ewma', agents }],
    });
    expect(renderMetrics(reply, paint).split('\n')).toEqual([
      'figures of all coordinators',
      'ejections  2',
      'told by    c-1',
      'it has     3 in flight, 40 units at agents, 1 waiting, 1 of 20 agents ejected',
      '',
      'TYPE          ALGORITHM  COMPLETE  PARTIAL  FAILED  REFUSED  UNITS  LOST    MEAN     P50    P99  P50 PER S',
      'gather        -                 5        1       0        0      -     -  2.0 ms  1.5 ms  1.5 s       6667',
      'load_balance  peak_ewma         0        0       0        1      8     2       -       -      -          -',
      '',
      'ALGORITHM  AGENT  ASSIGNED',
      'peak_ewma  a             5',
      '           b             4',
    ]);
  });

  it('says when the figures are of one coordinator, and when there are none', () => {
    const lines = renderMetrics(replyOf({ scope: 'own' }), paint);
    expect(lines).toContain('one coordinator: Redis does not answer');
    expect(lines).toContain('nothing was coordinated yet');
  });
});
