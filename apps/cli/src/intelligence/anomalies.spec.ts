import { describe, expect, it } from '@jest/globals';
import { anomaliesReplySchema, placeReplySchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { renderAnomalies } from './render-anomalies.js';
import { renderPlacement } from './render-placement.js';

const paint = coloursFor({ isTTY: false });
const nowMs = Date.UTC(2026, 0, 1);
const at = (offsetMs: number) => new Date(nowMs + offsetMs).toISOString();

const until = (offsetMs: number) => ({ until: at(offsetMs), remainingMs: offsetMs });

const evidence = { samples: 40, observed: 120, usual: 10, deviations: 8.25, measure: 'latency' };

describe('renderAnomalies', () => {
  it('shows what is held against whom, for how long yet, and what happened', () => {
    const reply = anomaliesReplySchema.parse({
      probation: [
        { agentId: 'a', share: 0.25, reason: 'slow', since: at(-5_000), ...until(55_000) },
        { agentId: 'b', share: 0, reason: 'slower', since: at(-5_000), ...until(0) },
      ],
      demotions: [
        {
          ...{ type: 'gather', maxLayer: 'performance', reason: 'fails' },
          ...{ since: at(-1_000), ...until(599_000) },
        },
      ],
      recent: [
        { kind: 'agent', agentId: 'a', response: 'probation', evidence, at: at(-5_000) },
        {
          ...{ kind: 'goal_class', type: 'gather', response: 'demotion', at: at(-1_000) },
          evidence: { ...evidence, measure: 'success', observed: 0.5, usual: 0.99 },
        },
      ],
    });
    expect(renderAnomalies(reply, nowMs, paint).split('\n')).toEqual([
      'ON PROBATION   SHARE  FOR YET  SINCE      WHY',
      'a             25.0 %   55.0 s  5.0 s ago  slow',
      'b               none   0.0 ms  5.0 s ago  slower',
      '',
      'DEMOTED  AT MOST         FOR YET  SINCE      WHY',
      'gather   performance  9 min 59 s  1.0 s ago  fails',
      '',
      'WHEN       WHAT    RESPONSE   MEASURE  OBSERVED    USUAL  DEVIATIONS  SAMPLES',
      '5.0 s ago  a       probation  latency  120.0 ms  10.0 ms         8.3       40',
      '1.0 s ago  gather  demotion   success    50.0 %   99.0 %         8.3       40',
    ]);
  });

  it('says that nothing is', () => {
    const none = anomaliesReplySchema.parse({ probation: [], demotions: [], recent: [] });
    expect(renderAnomalies(none, nowMs, paint)).toBe('nothing is held against an agent or a type of goal');
  });
});

describe('renderPlacement', () => {
  it('shows a line a node', () => {
    const reply = placeReplySchema.parse({
      ...{ placed: ['rack-1', 'rack-2', 'rack-1'], by: 'model', reason: 'all nodes are known' },
      nodes: [
        { node: 'rack-1', agents: 5, predictedMs: 4.2, samples: 900, share: 0.667 },
        { node: 'rack-2', agents: 0, predictedMs: null, samples: 0, share: 0.333 },
      ],
    });
    expect(renderPlacement(reply, paint).split('\n')).toEqual([
      'by         the model of how long work takes',
      'why        all nodes are known',
      '',
      'NODE    PLACED   SHARE  AGENTS  WORK TAKES  SAMPLES',
      'rack-1       2  66.7 %       5      4.2 ms      900',
      'rack-2       1  33.3 %       0           -        0',
    ]);
  });
});
