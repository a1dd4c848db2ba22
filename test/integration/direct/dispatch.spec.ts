import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { algorithmNames } from '@nexus/contracts';
import { decodeBody, encodeBody } from '@nexus/wire';
import { AgentHost, type NexusClient } from '@nexus/sdk';
import { type Body, type Delivery, headersOf, type Script } from '../support/scripted-fleet.js';
import { codesOf, DirectScene, dispatchMany, doneOf, echo, silence } from './scene.js';

let scene: DirectScene;
let client: NexusClient;
/** What the liar does when it is asked. */
let lie: Script = echo;

beforeAll(async () => {
  scene = await DirectScene.start();
  client = await scene.direct({ userId: 'ann' });
  await join(
    'liar',
    unlessHello((delivery) => lie(delivery)),
    'lies',
  );
  await known('lies', 1);
});

afterAll(() => scene?.stop());

/** Says hello as all do, and else what the script says. */
const unlessHello =
  (script: Script): Script =>
  (delivery) => {
    if (delivery.body['payload'] === 'hello') echo(delivery);
    else script(delivery);
  };

const join = (
  agentId: string,
  script: (delivery: Delivery) => void,
  group: string,
  maxConcurrency?: number,
) =>
  scene.fleet.join(agentId, script, {
    groups: [group],
    ...(maxConcurrency !== undefined && { maxConcurrency }),
  });

/** The client learns of agents a moment after they joined. */
async function known(group: string, agents: number): Promise<void> {
  const seen = new Set<string>();
  for (let tries = 0; seen.size < agents; tries += 1) {
    if (tries > 2_000) throw new Error(`only ${[...seen].join()} of ${group} are known`);
    const { via, agentId } = await client.dispatch({ group }, 'hello', { algorithm: 'round_robin' });
    if (via === 'direct') seen.add(agentId);
  }
}

describe('a client that goes straight to agents', () => {
  it.each(algorithmNames)('gets each unit done once, by %s', async (algorithm) => {
    const group = `all-${algorithm}`;
    for (const name of ['a', 'b', 'c']) await join(`${name}-${algorithm}`, echo, group);
    await known(group, 3);
    const before = scene.fleet.deliveries.length;
    const settled = await dispatchMany(client, group, 200, { algorithm });
    const done = doneOf(settled);
    expect(done).toHaveLength(200);
    expect(done.every(({ via, attempts }) => via === 'direct' && attempts === 1)).toBe(true);
    done.forEach(({ data, agentId }, index) => expect(data).toEqual({ did: { index }, by: agentId }));
    expect(scene.fleet.deliveries).toHaveLength(before + 200);
    expect(new Set(done.map(({ agentId }) => agentId)).size).toBe(3);
  });

  it('asks no coordinator, and says who it is and how long it waits', async () => {
    await join('lone', echo, 'lone');
    await known('lone', 1);
    let asked = 0;
    const spy = scene.scripted.nats.subscribe('nexus.coordinate.>', { callback: () => void (asked += 1) });
    await scene.scripted.nats.flush();
    await client.dispatch({ ids: ['lone'] }, { n: 1 }, { timeoutMs: 3_000 });
    expect(asked).toBe(0);
    spy.unsubscribe();
    const { body } = scene.fleet.to('lone').at(-1)!;
    expect(body).toMatchObject({ kind: 'task', payload: { n: 1 }, attempt: 1, from: 'ann' });
    expect(body['budgetMs']).toBeLessThanOrEqual(3_000);
    expect(body['budgetMs']).toBeGreaterThan(0);
  });

  it('tells a failure by its code, and asks nobody else', async () => {
    const taken = unlessHello(({ refuse }) => refuse('conflict', 'it is taken'));
    await join('failing', taken, 'failing');
    await join('standing-by', taken, 'failing');
    await known('failing', 2);
    const before = scene.fleet.deliveries.length;
    await expect(client.dispatch({ group: 'failing' }, 1)).rejects.toMatchObject({
      name: 'NexusError',
      code: 'conflict',
      message: 'it is taken',
    });
    expect(scene.fleet.deliveries).toHaveLength(before + 1);
  });

  it('asks another one when one refuses, and leaves it alone for a while', async () => {
    const refusal = { code: 'overloaded', message: 'no room', retryAfterMs: 60_000 };
    const full = ({ raw }: Delivery) => raw(JSON.stringify({ agentId: 'full', ok: false, error: refusal }));
    await join('roomy', echo, 'rush');
    await known('rush', 1);
    await join('full', full, 'rush');
    const done = doneOf(
      await dispatchMany(client, 'rush', 100, { algorithm: 'round_robin', timeoutMs: 10_000 }),
    );
    for (let units = 0; units < 50 && scene.fleet.to('full').length === 0; units += 1) {
      done.push(await client.dispatch({ group: 'rush' }, units, { algorithm: 'round_robin' }));
    }
    const refused = scene.fleet.to('full').length;
    expect(refused).toBeGreaterThanOrEqual(1);
    await dispatchMany(client, 'rush', 50, { algorithm: 'round_robin' });
    expect(scene.fleet.to('full')).toHaveLength(refused);
    expect(done.every(({ agentId }) => agentId === 'roomy')).toBe(true);
  });

  it('asks another one when nobody listens where the agent should be', async () => {
    await join('here', echo, 'thin');
    await known('thin', 1);
    await scene.fleet.request('nexus.agents.register.nowhere', { groups: ['thin'] });
    const settled = await dispatchMany(client, 'thin', 100, { algorithm: 'round_robin' });
    expect(doneOf(settled).map(({ agentId }) => agentId)).toEqual(Array(100).fill('here'));
  });

  it('ends at the deadline, and counts nothing in flight any more', async () => {
    let stuck = false;
    const moody = (delivery: Delivery) => {
      if (!stuck) echo(delivery);
    };
    await join('moody', moody, 'moody', 2);
    await known('moody', 1);
    stuck = true;
    const settled = await dispatchMany(client, 'moody', 4, { timeoutMs: 300 });
    expect(codesOf(settled)).toEqual(Array(4).fill('deadline_exceeded'));
    stuck = false;
    // Had they leaked, the agent would have no room.
    expect(doneOf(await dispatchMany(client, 'moody', 4))).toHaveLength(4);
  });

  it('keeps to the window of an agent, and waits for room', async () => {
    const held: Delivery[] = [];
    let most = 0;
    const hold = unlessHello((delivery) => {
      held.push(delivery);
      most = Math.max(most, held.length);
      setImmediate(() => echo(held.shift()!));
    });
    await join('narrow', hold, 'narrow', 3);
    await known('narrow', 1);
    expect(doneOf(await dispatchMany(client, 'narrow', 30))).toHaveLength(30);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('keeps work with the same key together', async () => {
    for (const agentId of ['k1', 'k2', 'k3', 'k4']) await join(agentId, echo, 'keyed');
    await known('keyed', 4);
    const agents: string[] = [];
    for (let units = 0; units < 10; units += 1) {
      const options = { algorithm: 'consistent_hash', affinity: 'red' } as const;
      agents.push((await client.dispatch({ group: 'keyed' }, units, options)).agentId);
    }
    const most = Math.max(...agents.map((one) => agents.filter((agentId) => agentId === one).length));
    // One unit in a hundred goes round robin, whatever the algorithm.
    expect(most).toBeGreaterThanOrEqual(8);
  });

  it('stops waiting on a signal, and drops what comes then', async () => {
    const held: Delivery[] = [];
    await join(
      'slow',
      unlessHello((delivery) => void held.push(delivery)),
      'slow',
      1,
    );
    await known('slow', 1);
    const stop = new AbortController();
    const waiting = client.dispatch({ group: 'slow' }, 'x', { signal: stop.signal });
    await scene.scripted.nats.flush();
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await expect(client.dispatch({ group: 'slow' }, 'y', { signal: stop.signal })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    held.forEach(echo);
    await expect(client.dispatch({ group: 'slow' }, 'hello')).resolves.toMatchObject({ agentId: 'slow' });
  });

  it.each<[string, string | Uint8Array, Readonly<Record<string, string>>]>([
    ['no JSON', '{"ok', {}],
    ['nothing', '', {}],
    ['a list', '[]', {}],
    ['no answer', '{"agentId":"liar"}', {}],
    ['another agent’s answer', '{"agentId":"honest","ok":true,"data":1}', {}],
    ['an unknown encoding', '{"agentId":"liar","ok":true}', { 'Content-Type': 'text/html' }],
    ['MessagePack that is none', new Uint8Array([0xc1, 0xff]), { 'Content-Type': 'application/msgpack' }],
    ['nesting without end', `{"agentId":"liar","ok":true,"data":${'['.repeat(500)}${']'.repeat(500)}}`, {}],
  ])('takes %s for its failure, and goes on', async (_what, bytes, marks) => {
    lie = (delivery) => delivery.raw(bytes, marks);
    await expect(client.dispatch({ ids: ['liar'] }, 1)).rejects.toMatchObject({ code: 'internal' });
    lie = echo;
    await expect(client.dispatch({ ids: ['liar'] }, 1)).resolves.toMatchObject({
      agentId: 'liar',
      via: 'direct',
    });
  });

  it('takes an answer once, and from nobody but whom it asked', async () => {
    const twice = (delivery: Delivery) => {
      echo(delivery);
      delivery.answer('again');
      scene.scripted.nats.publish(
        `${delivery.message.reply!.slice(0, -4)}AAAA`,
        '{"agentId":"twice","ok":true}',
      );
    };
    await join('twice', twice, 'twice');
    await known('twice', 1);
    const done = doneOf(await dispatchMany(client, 'twice', 20));
    done.forEach(({ data }, index) => expect(data).toEqual({ did: { index }, by: 'twice' }));
  });

  it('reaches the agents of a host, each at its own subject', async () => {
    const host = await AgentHost.start({ servers: scene.scripted.stack.natsUrl, hostId: 'house' });
    const handlers = { task: ({ payload }: { payload: unknown }) => ({ did: payload }) };
    await host.addAll(['h1', 'h2', 'h3'].map((agentId) => ({ agentId, groups: ['hosted'], handlers })));
    await known('hosted', 3);
    const done = doneOf(await dispatchMany(client, 'hosted', 30, { algorithm: 'round_robin' }));
    expect(new Set(done.map(({ agentId }) => agentId)).size).toBe(3);
    done.forEach(({ data, via }, index) => expect([data, via]).toEqual([{ did: { index } }, 'direct']));
    await host.close();
  });

  it('writes MessagePack to agents that asked for it, and JSON where that says more', async () => {
    const types: (string | undefined)[] = [];
    const { nats } = scene.scripted;
    nats.subscribe('nexus.agent.packed', {
      callback: (_error, message) => {
        const type = message.headers?.get('Content-Type');
        types.push(type);
        const body: Body = decodeBody(message.data, type === 'application/msgpack' ? 'msgpack' : 'json');
        const answer = { agentId: 'packed', ok: true, data: body['payload'] };
        message.respond(encodeBody(answer, 'msgpack'), {
          headers: headersOf({ 'Content-Type': 'application/msgpack' }),
        });
      },
    });
    const membership = { groups: ['packed'], encoding: 'msgpack' };
    await scene.fleet.request('nexus.agents.register.packed', membership);
    await known('packed', 1);
    types.length = 0;
    await expect(client.dispatch({ group: 'packed' }, { a: [1, 'b'] })).resolves.toMatchObject({
      data: { a: [1, 'b'] },
      via: 'direct',
    });
    // Undefined has no place in the data model: JSON leaves it out, MessagePack would have a word for it.
    const odd = { a: undefined, at: new Date(0) };
    await expect(client.dispatch({ group: 'packed' }, odd)).resolves.toMatchObject({
      data: { at: '1970-01-01T00:00:00.000Z' },
    });
    expect(types).toEqual(['application/msgpack', undefined]);
  });

  it('finishes what is under way when it is closed, and takes no more', async () => {
    const closing = await scene.direct();
    const later = (delivery: Delivery) => void setTimeout(() => echo(delivery), 50);
    await join('later', later, 'later');
    await known('later', 1);
    const work = dispatchMany(closing, 'later', 10);
    await closing.close();
    expect(doneOf(await work)).toHaveLength(10);
    await expect(closing.dispatch({ group: 'later' }, 1)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives up what does not end when it is closed', async () => {
    const closing = await scene.direct();
    await join('mute', unlessHello(silence), 'mute');
    await known('mute', 1);
    const work = dispatchMany(closing, 'mute', 3, { timeoutMs: 60_000 });
    await closing.close();
    expect(codesOf(await work)).toEqual(Array(3).fill('unavailable'));
  });
});
