import { describe, expect, it } from '@jest/globals';
import { modelsReplySchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { modelFigures, modelsText } from './model-health.js';
import { renderModels } from './render-models.js';
import { rollbackText } from './rollback.command.js';
import { newSince } from './train.command.js';

const paint = coloursFor({ isTTY: false });
const trainedMs = Date.UTC(2026, 0, 1);
const nowMs = trainedMs + 61_000;
const at = (ms: number) => new Date(ms).toISOString();

const scores = {
  ...{ samples: 800, heldOut: 200, value: 0.81, baseline: 0.778, durationErrorMs: 3.14 },
  gain: { expected: 0.0316, low: -0.002, high: 0.0652 },
  ...{ coverage: 0.912, coverageClaimed: 0.9 },
};

const version = (number: number, more: object = {}) => ({
  ...{ type: 'gather', version: number, state: 'champion', trainedAt: at(trainedMs), scores },
  ...{
    reason: 'better by the margin',
    rules: ['agents <= 120 → hierarchical', 'else → foundation\u001b[2J'],
  },
  ...more,
});

const seenOf = (more: object = {}) =>
  modelsReplySchema.parse({
    models: [],
    latency: null,
    training: { everyMs: 300_000, lastTrainedAt: null, overdue: false, runs: 0, drifts: 0 },
    history: { outcomes: 12, work: 40, max: 10_000, duplicates: 1, refused: 0 },
    revision: 3,
    ...more,
  });

const trained = {
  models: [version(2), version(1, { state: 'former', trainedAt: at(trainedMs - 3_600_000) })],
  training: { everyMs: 300_000, lastTrainedAt: at(trainedMs), overdue: true, runs: 4, drifts: 1 },
};

const view = { nowMs, rules: false, paint };

describe('renderModels', () => {
  it('shows the schedule, the history and a line a version', () => {
    const latency = {
      ...{ version: 2, trainedAt: at(trainedMs), samples: 500 },
      ...{ errorLog: Math.log(1.25), baselineErrorLog: Math.log(1.5) },
    };
    const lines = renderModels(seenOf({ ...trained, latency }), view).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'trained    1 min 1 s ago, every 5 min 0 s; 4 runs, 1 drifts noticed',
      'history    12 outcomes and 40 samples of work, 10000 at most; 1 duplicates, 0 over a quota',
      'work time  version 2, trained 1 min 1 s ago on 500 samples; off by a factor of 1.25, without it 1.50',
      'revision   3',
      '',
    ]);
    expect(lines[5]).toMatch(/^TYPE +VERSION +STATE +TRAINED +SAMPLES +GAIN +BETWEEN +ERROR +COVERAGE +WHY$/);
    expect(lines[6]).toMatch(
      /^gather +2 +champion +1 min 1 s ago +800 +\+0\.032 +-0\.002 to \+0\.065 +3\.1 ms +91\.2 % of 90\.0 % +better by the margin$/,
    );
    expect(lines[7]).toMatch(/^gather +1 +former +1 h 1 min ago /);
  });

  it('shows what each says, without what would steer a terminal', () => {
    const text = renderModels(seenOf(trained), { ...view, rules: true });
    expect(text).toContain(
      'gather 2 (champion: better by the margin)\n  agents <= 120 → hierarchical\n  else → foundation?[2J\n\n',
    );
    expect(renderModels(seenOf({ models: [version(1, { rules: [] })] }), { ...view, rules: true })).toContain(
      '  nothing better than the layer below',
    );
  });

  it('says that there is none yet', () => {
    const lines = renderModels(seenOf(), view).split('\n');
    expect(lines[0]).toMatch(/^trained +never, every 5 min 0 s; 0 runs/);
    expect(lines).toContain('work time  no model yet');
    expect(lines.at(-1)).toBe('no model was trained yet: the layer below serves');
  });
});

describe('modelFigures', () => {
  it('counts types with a model in use, and tells of a schedule that stands still', () => {
    const figures = modelFigures(seenOf(trained));
    expect(figures).toMatchObject({
      inUse: 1,
      overdue: true,
      outcomes: 12,
      faults: [expect.stringContaining('nothing was trained')],
    });
    expect(modelsText(figures, nowMs)).toBe('1 in use, trained 1 min 1 s ago, 12 outcomes known');
    expect(modelsText(modelFigures(seenOf()), nowMs)).toBe(
      '0 in use, nothing trained yet, 12 outcomes known',
    );
  });
});

describe('newSince', () => {
  it('keeps what was trained later', () => {
    const seen = seenOf(trained);
    expect(newSince(at(trainedMs - 1), seen).map((model) => model.version)).toEqual([2]);
    expect(newSince(null, seen)).toHaveLength(2);
  });
});

describe('rollbackText', () => {
  it.each([
    [2, 1, 'gather: version 1 is in use, no longer 2'],
    [2, null, 'gather: no model is in use any more, the layer below serves'],
    [null, 1, 'gather: version 1 is in use'],
    [null, null, 'gather: no model was in use, the layer below serves'],
    [1, 1, 'gather: version 1 is in use already'],
  ])('tells of %s to %s', (from, to, text) =>
    expect(rollbackText({ type: 'gather', from, to, revision: 4 })).toBe(text),
  );
});
