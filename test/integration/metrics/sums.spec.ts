import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type MetricsReply, metricsReplySchema } from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

let scene: ScriptedStack;

const agents = { group: 'pair' };
const timeoutMs = 8_000;

beforeAll(async () => {
  scene = await startScriptedStack({ coordinators: 2 });
  const echo = ({ body, answer, refuse }: Delivery) =>
    body['payload'] === 'fail' ? refuse('internal') : answer(body['payload'] ?? null);
  for (const agentId of ['a', 'b']) await scene.fleet.join(agentId, echo, { groups: ['pair'] });
});

afterAll(() => scene?.stop());

const metrics = async (request: Body = {}): Promise<MetricsReply> =>
  metricsReplySchema.parse(await scene.fleet.request('nexus.coordinator.metrics', request));
const figuresOf = ({ coordinations }: MetricsReply, wanted: string) =>
  coordinations.find(({ type, algorithm }) => (algorithm ?? type) === wanted);

/** What the coordinators count reaches the sums within a second or so. */
const summed = (what: string, check: (reply: MetricsReply) => boolean) =>
  eventually(what, async () => {
    const reply = await metrics();
    return check(reply) && reply;
  });

const gather = () => scene.fleet.coordinate({ agents, goal: { type: 'gather', timeoutMs } });
const share = (algorithm: string, payloads: readonly string[], dispatch = true) => {
  const requests = payloads.map((payload, at) => ({ id: `u${at}`, payload }));
  const goal = { type: 'load_balance', algorithm, requests, dispatch, timeoutMs };
  return scene.fleet.coordinate({ agents, goal });
};

/** How many requests each coordinator served, by its own count. */
const servedBy = () =>
  scene.stack.coordinators.map(({ running }) =>
    running.stats
      .filter(({ endpoint }) => endpoint.name === endpoints.coordinateAnonymous.name)
      .reduce((sum, { requests }) => sum + requests, 0),
  );

describe('nexus.coordinator.metrics', () => {
  it('sums up what all coordinators counted, each once', async () => {
    let gathers = 0;
    // Who serves which request is the broker's choice: go on until both have.
    await eventually('both coordinators have served', async () => {
      await gather();
      gathers++;
      return servedBy().every((served) => served >= 3);
    });
    const reply = await summed(
      'all gathers are counted',
      (seen) => (figuresOf(seen, 'gather')?.complete ?? 0) >= gathers,
    );
    expect(reply.scope).toBe('all');
    expect(figuresOf(reply, 'gather')).toMatchObject({
      ...{ algorithm: null, complete: gathers, partial: 0, failed: 0, refused: 0 },
      layers: { performance: gathers },
      agents: 2 * gathers,
      units: { done: 0, failed: 0, assigned: 0 },
    });
    const { durationMs, throughputPerS } = figuresOf(reply, 'gather')!;
    expect(durationMs!.p50).toBeGreaterThan(0);
    expect(durationMs!.p99).toBeGreaterThanOrEqual(durationMs!.p50);
    expect(throughputPerS!.p50).toBeGreaterThan(0);
  });

  it('keeps algorithms apart, and counts units by what became of them', async () => {
    await share('peak_ewma', ['x', 'x', 'fail']);
    await share('least_connections', ['x', 'x'], false);
    await scene.fleet.request('nexus.routing.assign', { agents, count: 4, algorithm: 'least_connections' });
    const reply = await summed(
      'the units are counted',
      (seen) =>
        figuresOf(seen, 'peak_ewma') !== undefined &&
        figuresOf(seen, 'least_connections')?.units.assigned === 6,
    );
    expect(figuresOf(reply, 'peak_ewma')).toMatchObject({
      type: 'load_balance',
      partial: 1,
      units: { done: 2, failed: 1, assigned: 0 },
    });
    const assigned = reply.assignments.find(({ algorithm }) => algorithm === 'least_connections')!;
    expect(assigned.agents.map(({ agentId }) => agentId).sort()).toEqual(['a', 'b']);
    expect(assigned.agents.reduce((sum, { assignments }) => sum + assignments, 0)).toBe(6);
  });

  it('counts what ended with an error as refused', async () => {
    await scene.fleet.refused({
      agents: { group: 'nobody' },
      goal: { type: 'load_balance', requests: [{ id: 'u' }] },
    });
    const reply = await summed(
      'the refusal is counted',
      (seen) => (figuresOf(seen, 'round_robin')?.refused ?? 0) > 0,
    );
    expect(figuresOf(reply, 'round_robin')).toMatchObject({ refused: 1, durationMs: null });
  });

  it('names as many agents as are wanted, and refuses what it does not know', async () => {
    expect((await metrics({ agents: 0 })).assignments).toEqual([]);
    const [first] = (await metrics({ agents: 1 })).assignments;
    expect(first?.agents).toHaveLength(1);
    const fault = await scene.fleet.fault('nexus.coordinator.metrics', JSON.stringify({ agents: 1_000 }));
    expect(fault.code).toBe('invalid_argument');
  });

  it('keeps what a coordinator had counted that ends', async () => {
    const [leaving] = scene.stack.coordinators;
    const before = await metrics();
    const servedBefore = servedBy();
    await eventually('the one that leaves has served', async () => {
      await gather();
      return servedBy()[0]! > servedBefore[0]!;
    });
    const gathers = servedBy().reduce((sum, served, at) => sum + served - servedBefore[at]!, 0);
    await leaving!.close();
    const after = await summed('its figures stay', (seen) => {
      const { complete = 0 } = figuresOf(seen, 'gather') ?? {};
      return complete >= figuresOf(before, 'gather')!.complete + gathers;
    });
    expect(figuresOf(after, 'gather')!.complete).toBe(figuresOf(before, 'gather')!.complete + gathers);
  });

  it('goes on alone while Redis is killed, and tells of it once Redis is back, once', async () => {
    const before = figuresOf(await metrics(), 'gather')!.complete;
    const { redis } = scene.stack.servers;
    redis.kill('SIGKILL');
    await redis.exited;
    for (let at = 0; at < 20; at++) expect((await gather()).status).toBe('complete');
    expect((await metrics()).scope).toBe('own');
    await redis.restart();
    // A server that was killed may have lost its last second, and never counts anything twice.
    const reply = await summed(
      'what was counted meanwhile',
      (seen) => seen.scope === 'all' && (figuresOf(seen, 'gather')?.complete ?? 0) >= 20,
    );
    expect(figuresOf(reply, 'gather')!.complete).toBeLessThanOrEqual(before + 20);
  });
});
