import { describe, expect, it } from '@jest/globals';
import { explainReplySchema, predictReplySchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { idIn } from './explain.command.js';
import { featuresOf } from './predict.command.js';
import { renderExplanation } from './render-explanation.js';
import { renderPrediction } from './render-prediction.js';

const paint = coloursFor({ isTTY: false });
const startedMs = Date.UTC(2026, 0, 1);
const startedAt = new Date(startedMs).toISOString();

const features = {
  ...{ agents: 120, diversity: 0.4, complexity: 1, deadlineS: 30 },
  ...{ latencyMs: 0.5, load: 0.12, active: 3, successRate: 0.99 },
};
const situation =
  'situation  120 agents, diversity 40.0 %, complexity 1, deadline 30.0 s, latency 0.5 ms, load 12.0 %, 3 active, ' +
  'success of late 99.0 %';

const candidates = [
  {
    ...{ choice: 'performance_optimized', samples: 400 },
    durationMs: { expected: 20, low: 15, high: 30 },
    success: { expected: 0.95, low: 0.9, high: 1 },
  },
  {
    ...{ choice: 'hierarchical', samples: 212 },
    durationMs: { expected: 12, low: 8, high: 20 },
    success: { expected: 0.97, low: 0.9, high: 1 },
  },
  { choice: 'foundation', samples: 2, durationMs: null, success: null },
];

const choosing = {
  ...{ serving: true, reason: 'chosen', choice: 'hierarchical', below: 'performance_optimized' },
  ...{
    propensity: 0.95,
    version: 3,
    confidence: 0.84,
    reasoning: 'agents <= 120 → hierarchical',
    candidates,
  },
};

const explained = (more: object = {}) =>
  explainReplySchema.parse({
    ...{ coordinationId: '01M8', type: 'gather', status: 'complete', layer: 'intelligence', user: 'alice' },
    ...{ choice: 'hierarchical', propensity: 0.95, features, durationMs: 12.3, success: 1 },
    ...{ choosing, traceId: 'abc', at: startedAt },
    ...more,
  });

const linesOf = (more: object = {}) => renderExplanation(explained(more), paint).split('\n');

describe('renderExplanation', () => {
  it('shows what was met, what was chosen and why, and what came of it', () => {
    expect(linesOf()).toEqual([
      'id         01M8',
      `asked      gather, by alice, ended ${startedAt}`,
      situation,
      'chosen     hierarchical, on the intelligence layer',
      'why        the model, version 3, was asked and 84.0 % sure',
      'path       agents <= 120 → hierarchical',
      'below      would do performance_optimized, predicted 20.0 ms (15.0 ms to 30.0 ms)',
      'outcome    complete',
      'took       12.3 ms, as predicted: 12.0 ms (8.0 ms to 20.0 ms)',
      'success    100.0 %, as predicted: 97.0 % (90.0 % to 100.0 %)',
      'trace      abc',
      '',
      'CANDIDATE              SAMPLES  DURATION  BETWEEN             SUCCESS  BETWEEN            IS',
      'performance_optimized      400   20.0 ms  15.0 ms to 30.0 ms   95.0 %  90.0 % to 100.0 %  layer below',
      'hierarchical               212   12.0 ms  8.0 ms to 20.0 ms    97.0 %  90.0 % to 100.0 %  chosen',
      'foundation                   2         -  -                         -  -',
    ]);
  });

  it('says whether it took longer or shorter than was predicted', () => {
    expect(linesOf({ durationMs: 40 })).toContain(
      'took       40.0 ms, above what was predicted: 12.0 ms (8.0 ms to 20.0 ms)',
    );
    expect(linesOf({ durationMs: 4 })).toContain(
      'took       4.0 ms, below what was predicted: 12.0 ms (8.0 ms to 20.0 ms)',
    );
  });

  it.each([
    ['explored', 'tried to learn of it: chosen by chance, with 95.0 %'],
    ['no_model', 'the layer below served: there was no model yet'],
    ['no_gain', 'the layer below served: the model, version 3, was asked, and knew nothing better'],
    ['stale', 'the layer below served: nothing was heard of the intelligence service for too long'],
    [
      'unsure',
      'the layer below served: the model, version 3, was asked and 84.0 % sure, which was not enough',
    ],
    [
      'demoted',
      'the layer below served: an anomaly took the intelligence layer out of service (nexus anomalies)',
    ],
  ])('says why when the reason is %s', (reason, text) =>
    expect(linesOf({ choosing: { ...choosing, reason } })).toContain(`why        ${text}`),
  );

  it('says that no model was asked', () => {
    const lines = linesOf({ choosing: null, layer: 'performance' });
    expect(lines).toContain('why        no model was asked');
    expect(lines).toContain('took       12.3 ms');
    expect(lines.at(-1)).toBe('trace      abc');
  });

  it('leaves nothing that steers a terminal', () => {
    const reasoning = 'agents\u001b[2J';
    expect(linesOf({ choosing: { ...choosing, reasoning } })).toContain('path       agents?[2J');
  });
});

describe('renderPrediction', () => {
  const reply = (more: object = {}) =>
    predictReplySchema.parse({
      ...{ type: 'gather', recommended: 'hierarchical', reason: 'chosen', confidence: 0.84 },
      ...{ reasoning: 'agents <= 120', below: 'performance_optimized', candidates, features },
      ...{ assumed: ['load', 'active'], model: null, ...more },
    });

  it('shows what is recommended, how sure that is, and what was assumed', () => {
    expect(renderPrediction(reply(), startedMs, paint).split('\n').slice(0, 12)).toEqual([
      'for        gather',
      'recommends hierarchical (chosen by the model)',
      'confidence 84.0 %',
      'reasoning  agents <= 120',
      'below      performance_optimized',
      situation,
      'assumed    load, active',
      'model      none',
      '',
      expect.stringMatching(/^CANDIDATE /),
      expect.stringMatching(/^performance_optimized .* layer below$/),
      expect.stringMatching(/^hierarchical .* recommended$/),
    ]);
  });

  it('says that the layer below serves without a model', () => {
    const none = { reason: 'no_model', recommended: 'performance_optimized', confidence: null };
    const text = renderPrediction(reply({ ...none, candidates: [], reasoning: '' }), startedMs, paint);
    expect(text).toContain('performance_optimized (what the layer below does: not enough outcomes');
    expect(text).not.toMatch(/confidence|reasoning|CANDIDATE/);
  });
});

describe('featuresOf', () => {
  it('names features as the wire does, in its units', () => {
    expect(featuresOf({ agents: 5, deadline: 30_000, latency: 2, successRate: 0.9 })).toEqual({
      ...{ agents: 5, deadlineS: 30, latencyMs: 2, successRate: 0.9 },
    });
    expect(featuresOf({})).toEqual({});
  });
});

describe('idIn', () => {
  it.each([
    ['01M8\n', '01M8'],
    ['{"coordinationId":"01M8","type":"gather"}\n', '01M8'],
    ['{"part":1}\n{"coordinationId":"01M8"}', '01M8'],
    ['', ''],
  ])('reads %j', (text, id) => expect(idIn(text)).toBe(id));

  it.each(['{"type":"gather"}', '{"coordinationId":1}', '{'])('refuses %j', (text) =>
    expect(() => idIn(text)).toThrow('coordinationId'),
  );
});
