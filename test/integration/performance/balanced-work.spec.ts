import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { algorithmNames } from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { type Body, type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

interface Result {
  readonly requestId: string;
  readonly agentId: string;
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly attempts: number;
}

let scene: ScriptedStack | undefined;
let fleet: ScriptedFleet;

beforeAll(async () => {
  scene = await startScriptedStack();
  ({ fleet } = scene);
});

afterAll(() => scene?.stop());

const echo = ({ body, answer }: Delivery) => answer({ did: body['payload'] });
const units = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `u${index}`, payload: index }));

async function share(group: string, count: number, goal: Body = {}) {
  const { status, result, reply } = await fleet.coordinate({
    agents: { group },
    goal: { type: 'load_balance', requests: units(count), timeoutMs: 20_000, ...goal },
  });
  return { status, results: result['results'] as Result[], reply };
}

const doneBy = (results: readonly Result[], agentId: string) =>
  results.filter((result) => result.ok && result.agentId === agentId).length;

describe('work shared out by load', () => {
  it.each(algorithmNames)('does every unit once, and explains itself, by %s', async (algorithm) => {
    const group = `all-${algorithm}`;
    for (const agentId of ['a', 'b', 'c'])
      await fleet.join(`${agentId}-${algorithm}`, echo, { groups: [group] });
    const { status, results, reply } = await share(group, 200, { algorithm });
    expect(status).toBe('complete');
    expect(results.map(({ requestId }) => requestId)).toEqual(units(200).map(({ id }) => id));
    const ran = ['a', 'b', 'c'].flatMap((agentId) =>
      fleet.to(`${agentId}-${algorithm}`).map(({ body }) => Number(body['payload'])),
    );
    expect(ran.toSorted((one, other) => one - other)).toEqual(units(200).map(({ payload }) => payload));
    // What `adaptive` means is for a model to say, and there is none.
    const by = algorithm === 'adaptive' ? 'resource_aware' : algorithm;
    expect(reply).toMatchObject({
      layer: 'performance',
      strategy: 'performance_optimized',
      explain: { balancing: { algorithm: by, agents: 3 } },
    });
  });

  it('gives whoever is faster more', async () => {
    const slow = ({ body, answer }: Delivery) => void setTimeout(() => answer(body['payload']), 40);
    await fleet.join('hare', echo, { groups: ['race'], maxConcurrency: 2 });
    await fleet.join('tortoise', slow, { groups: ['race'], maxConcurrency: 2 });
    const { results } = await share('race', 200, { algorithm: 'peak_ewma' });
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(doneBy(results, 'hare')).toBeGreaterThan(150);
  });

  it('asks another one when one refuses, and leaves it alone for a while', async () => {
    const refuse = ({ body, raw }: Delivery) =>
      raw(
        JSON.stringify({
          agentId: 'full',
          ok: false,
          error: {
            code: 'overloaded',
            message: `no room for ${String(body['payload'])}`,
            retryAfterMs: 60_000,
          },
        }),
      );
    await fleet.join('full', refuse, { groups: ['rush'], maxConcurrency: 1 });
    await fleet.join('roomy', echo, { groups: ['rush'], maxConcurrency: 1 });
    const { status, results } = await share('rush', 50, { algorithm: 'least_connections' });
    expect(status).toBe('complete');
    expect(doneBy(results, 'roomy')).toBe(50);
    expect(fleet.to('full')).toHaveLength(1);
  });

  it('ejects one that fails fast', async () => {
    await fleet.join('broken', ({ refuse }) => refuse('internal', 'divided by zero'), { groups: ['mill'] });
    for (const agentId of ['m1', 'm2', 'm3']) await fleet.join(agentId, echo, { groups: ['mill'] });
    await share('mill', 60, { algorithm: 'least_connections' });
    const before = fleet.to('broken').length;
    const { status } = await share('mill', 300, { algorithm: 'least_connections' });
    // Some are sent to it all the same, now and then: in time it may have recovered.
    expect(fleet.to('broken').length - before).toBeLessThanOrEqual(6);
    expect(['complete', 'partial']).toContain(status);
  });

  it('keeps units with the same key together', async () => {
    for (const agentId of ['k1', 'k2', 'k3', 'k4']) await fleet.join(agentId, echo, { groups: ['keyed'] });
    for (const affinity of ['red', 'green', 'blue']) {
      const agents: string[] = [];
      for (let at = 0; at < 10; at += 1) {
        const requests = [{ id: `u${at}`, affinity }];
        const { results } = await share('keyed', 1, { algorithm: 'consistent_hash', requests });
        agents.push(results[0]!.agentId);
      }
      // One unit in a hundred goes round robin, whatever the algorithm.
      const most = Math.max(...agents.map((one) => agents.filter((agentId) => agentId === one).length));
      expect(most).toBeGreaterThanOrEqual(8);
    }
  });

  it('prefers agents of a machine', async () => {
    await fleet.join('near', echo, { groups: ['spread'], node: 'here' });
    await fleet.join('far', echo, { groups: ['spread'], node: 'there' });
    let near = 0;
    for (let round = 0; round < 20; round += 1) {
      const { results } = await share('spread', 1, { algorithm: 'least_connections', node: 'here' });
      near += doneBy(results, 'near');
    }
    expect(near).toBeGreaterThanOrEqual(17);
  });

  it('keeps to the window of an agent over all requests together', async () => {
    const held: Delivery[] = [];
    let most = 0;
    const hold = (delivery: Delivery) => {
      held.push(delivery);
      most = Math.max(most, held.length);
    };
    await fleet.join('narrow', hold, { groups: ['narrow'], maxConcurrency: 2 });
    const shared = Promise.all([share('narrow', 3), share('narrow', 3), share('narrow', 3)]);
    for (let done = 0; done < 9; done += 1) {
      await eventually('the window is full', () => held.length === Math.min(2, 9 - done));
      echo(held.shift()!);
    }
    expect((await shared).every(({ status }) => status === 'complete')).toBe(true);
    expect(most).toBe(2);
  });

  it('fails at the deadline what is not done, and counts nothing in flight any more', async () => {
    let stuck = true;
    const script = (delivery: Delivery) => {
      if (!stuck) echo(delivery);
    };
    await fleet.join('moody', script, { groups: ['moody'], maxConcurrency: 2 });
    const { status, results } = await share('moody', 4, { timeoutMs: 400 });
    expect(status).toBe('failed');
    expect(results.map(({ error }) => error?.code)).toEqual(Array(4).fill('deadline_exceeded'));
    expect(results.map(({ attempts }) => attempts)).toEqual([1, 1, 0, 0]);
    stuck = false;
    // Had they leaked, nobody would have room.
    expect((await share('moody', 4)).status).toBe('complete');
  });
});
