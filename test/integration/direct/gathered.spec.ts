import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NexusClient } from '@nexus/sdk';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { codesOf, DirectScene, dispatchMany, doneOf, echo, silence } from './scene.js';

let scene: DirectScene;
let client: NexusClient;
/** Units of each request that a coordinator was sent. */
const requests: number[] = [];

beforeAll(async () => {
  scene = await DirectScene.start();
  client = await scene.client();
  scene.scripted.nats.subscribe('nexus.coordinate', {
    callback: (_error, message) => {
      const { goal } = message.json<{ goal: { requests: unknown[] } }>();
      requests.push(goal.requests.length);
    },
  });
  for (const agentId of ['a', 'b', 'c']) await scene.fleet.join(agentId, echo, { groups: ['workers'] });
});

afterAll(() => scene?.stop());

async function requestsDuring<T>(work: () => Promise<T>): Promise<{ result: T; sent: readonly number[] }> {
  requests.length = 0;
  const result = await work();
  await scene.scripted.nats.flush();
  return { result, sent: [...requests] };
}

describe('work that a client sends through a coordinator', () => {
  it('travels in one request where it is asked for in one turn, and comes back one by one', async () => {
    const { result, sent } = await requestsDuring(() => dispatchMany(client, 'workers', 100));
    expect(sent).toEqual([100]);
    const done = doneOf(result);
    done.forEach(({ data, agentId, via }, index) => {
      expect(data).toEqual({ did: { index }, by: agentId });
      expect(via).toBe('coordinator');
    });
    expect(done).toHaveLength(100);
  });

  it('does not wait for the slowest of them', async () => {
    let release: () => void = () => undefined;
    const slow = (delivery: Delivery) => {
      release = () => echo(delivery);
    };
    await scene.fleet.join('slow', slow, { groups: ['mixed'], maxConcurrency: 1 });
    await scene.fleet.join('quick', echo, { groups: ['mixed'], maxConcurrency: 1 });
    const options = { algorithm: 'round_robin', timeoutMs: 20_000 } as const;
    const works = Array.from({ length: 10 }, (_, index) =>
      client.dispatch({ group: 'mixed' }, index, options),
    );
    // All but the one that the slow agent has.
    const settled = new Set<number>();
    works.forEach((work, index) => void work.then(() => settled.add(index)));
    while (settled.size < 9) await scene.scripted.nats.flush();
    expect(settled.size).toBe(9);
    release();
    expect((await Promise.all(works)).filter(({ agentId }) => agentId === 'slow')).toHaveLength(1);
  });

  it('travels apart where it is to be done in different ways', async () => {
    const { sent } = await requestsDuring(() =>
      Promise.all([
        ...Array.from({ length: 3 }, () => client.dispatch({ group: 'workers' }, 1)),
        ...Array.from({ length: 4 }, () =>
          client.dispatch({ group: 'workers' }, 1, { algorithm: 'peak_ewma' }),
        ),
        client.dispatch({ all: true }, 1),
      ]),
    );
    expect(sent.toSorted((one, other) => one - other)).toEqual([1, 3, 4]);
  });

  it('is bounded in what one request has', async () => {
    const { sent, result } = await requestsDuring(() =>
      dispatchMany(client, 'workers', 600, { timeoutMs: 20_000 }),
    );
    expect(doneOf(result)).toHaveLength(600);
    expect(Math.max(...sent)).toBeLessThanOrEqual(256);
    const big = 'x'.repeat(100_000);
    const heavy = await requestsDuring(() =>
      Promise.all(Array.from({ length: 6 }, () => client.dispatch({ group: 'workers' }, big))),
    );
    expect(heavy.sent).toEqual([2, 2, 2]);
  });

  it('is refused alone for what is wrong with it alone', async () => {
    let deep: unknown = 1;
    for (let levels = 0; levels < 40; levels += 1) deep = [deep];
    const group = 'workers';
    const settled = await Promise.allSettled([
      client.dispatch({ group }, 'fine'),
      client.dispatch({ group }, deep),
      client.dispatch({ group }, 'x'.repeat(300_000)),
      client.dispatch({ group }, 'x', { affinity: '' }),
      client.dispatch({ group }, 10n),
      client.dispatch({ group }, 'fine too'),
    ]);
    expect(codesOf(settled)).toEqual([
      'invalid_argument',
      'payload_too_large',
      'invalid_argument',
      'invalid_argument',
    ]);
    expect(doneOf(settled).map(({ data }) => (data as Body)['did'])).toEqual(['fine', 'fine too']);
  });

  it('fails as the agents say, each unit for itself', async () => {
    const picky = ({ agentId, body, answer, refuse }: Delivery) => {
      const { index } = body['payload'] as { index: number };
      if (index % 2 === 0) answer(agentId);
      else refuse('conflict', `${index} is taken`);
    };
    await scene.fleet.join('picky', picky, { groups: ['picky'] });
    const settled = await dispatchMany(client, 'picky', 10);
    expect(doneOf(settled)).toHaveLength(5);
    expect(codesOf(settled)).toEqual(Array(5).fill('conflict'));
  });

  it('fails together where the request does', async () => {
    expect(codesOf(await dispatchMany(client, 'nobody', 5))).toEqual(Array(5).fill('not_found'));
  });

  it('ends at the deadline', async () => {
    await scene.fleet.join('mute', silence, { groups: ['mute'] });
    const settled = await dispatchMany(client, 'mute', 3, { timeoutMs: 200 });
    expect(codesOf(settled)).toEqual(Array(3).fill('deadline_exceeded'));
  });

  it('has no way to go straight where the client was not told to', async () => {
    await expect(client.whenDirect(50)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
