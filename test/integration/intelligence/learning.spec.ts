import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints } from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { gathers, IntelligenceStack } from './intelligence-stack.js';

let stack: IntelligenceStack;
const events: { name: string; body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  stack = await IntelligenceStack.start();
  stack.connection.subscribe('nexus.events.*.*', (message) => {
    events.push({ name: message.subject.slice('nexus.events.'.length), body: message.json() });
  });
});

afterAll(() => stack.stop());

/** With few agents all at once is best, with many by a tree. */
const rule = (choice: string, agents: number) => {
  if (choice === 'foundation') return 400;
  return (choice === 'hierarchical') === agents > 200 ? 20 : 200;
};
const reversed = (choice: string, agents: number) => rule(choice, 401 - agents);

const predict = (agents: number) =>
  stack.call(endpoints.intelligencePredict, { type: 'gather', features: { agents } });

describe('training', () => {
  it('says that it has no model, before', async () => {
    expect(await predict(10)).toMatchObject({ reason: 'no_model', recommended: 'performance_optimized' });
  });

  it('finds what is best in which situation, and serves it to coordinators', async () => {
    await stack.reportAll(gathers({ durationMs: rule, prefix: 'first', count: 900, seed: 1 }));
    const { models, training } = await stack.train();
    expect(models[0]).toMatchObject({ type: 'gather', version: 1, state: 'champion' });
    expect(models[0]!.scores.gain.low).toBeGreaterThan(0.1);
    expect(models[0]!.scores.coverage).toBeGreaterThan(0.75);
    expect(models[0]!.rules.join()).toContain('agents');
    expect(training).toMatchObject({ runs: 2, overdue: false });
    expect(await predict(350)).toMatchObject({
      reason: 'chosen',
      recommended: 'hierarchical',
      assumed: expect.any(Array),
    });
    expect(await predict(50)).toMatchObject({ reason: 'no_gain', recommended: 'performance_optimized' });
    const { strategies, revision } = await stack.snapshot();
    expect(strategies).toHaveLength(1);
    expect(revision).toBeGreaterThan(0);
    await eventually('it is told', () => events.find(({ name }) => name === 'model.promoted'));
  });

  it('enters nothing twice when nothing is new', async () => {
    const { revision } = await stack.snapshot();
    const { models } = await stack.train();
    expect(models).toHaveLength(1);
    expect((await stack.snapshot()).revision).toBe(revision);
  });

  it('replaces a model when what is best has changed, and notices that by itself', async () => {
    await stack.reportAll(gathers({ durationMs: reversed, prefix: 'second', count: 1_000, seed: 2 }));
    await eventually('a drift is noticed', () => events.find(({ name }) => name === 'drift.detected'));
    // One that the drift brought forward may have begun before all was told.
    await stack.train();
    const { models } = await stack.train();
    expect(await predict(50)).toMatchObject({ reason: 'chosen', recommended: 'hierarchical' });
    // Taken back by the training that saw the harm first, or replaced.
    expect(models.find(({ version }) => version === 1)!.state).toMatch(/^(former|rolled_back)$/);
  });

  it('goes back by hand, to the version before and at last to none, and stays there', async () => {
    const rollback = (request = {}) =>
      stack.call(endpoints.intelligenceRollback, { type: 'gather', ...request });
    const { from } = await rollback();
    let { to } = await rollback();
    while (to !== null) ({ to } = await rollback());
    expect(await predict(350)).toMatchObject({ reason: 'no_model' });
    await stack.reportAll(gathers({ durationMs: reversed, prefix: 'held', count: 50, seed: 4 }));
    await stack.train();
    expect(await predict(350)).toMatchObject({ reason: 'no_model' });
    expect(await rollback({ version: 1 })).toMatchObject({ from: null, to: 1 });
    expect(await predict(350)).toMatchObject({ recommended: 'hierarchical' });
    expect(await rollback({ version: from })).toMatchObject({ from: 1, to: from });
    expect(await predict(50)).toMatchObject({ recommended: 'hierarchical' });
    await expect(rollback({ version: 99 })).rejects.toMatchObject({ code: 'not_found' });
    await eventually(
      'it is told',
      () => events.filter(({ name }) => name === 'model.rolled_back').length >= 4,
    );
  });

  it('has it all again after a restart of the service, and of Redis', async () => {
    const before = await stack.snapshot();
    await stack.shut();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    stack.servers.redis.kill('SIGKILL');
    await stack.servers.redis.restart();
    await stack.boot();
    const after = await eventually('it serves', () => stack.snapshot().catch(() => undefined));
    expect(after).toEqual(before);
    stack.servers.redis.kill('SIGKILL');
    expect(await stack.snapshot()).toEqual(before);
    expect(await predict(50)).toMatchObject({ reason: 'chosen' });
    await stack.servers.redis.restart();
    await eventually('reports are taken', () => stack.report([]).catch(() => undefined));
    await stack.reportAll(gathers({ durationMs: reversed, prefix: 'third', count: 300, seed: 3 }));
    const { training } = await stack.train();
    expect(training.runs).toBeGreaterThan(0);
  });
});
