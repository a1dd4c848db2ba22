import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { relayToken, tokenHashOf } from '@nexus/wire';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { answeredBy, RelayScene } from './relay-scene.js';

let scene: RelayScene;

beforeAll(async () => {
  scene = await RelayScene.start();
});

afterEach(() => scene.endTest());

afterAll(() => scene?.stop());

const gather = { type: 'gather' };
const once = (ids: readonly string[]) => ids.map((id): [string, number] => [id, 1]);
const sorted = (runs: ReadonlyMap<string, number>) => [...runs].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Those whom a relay was given. */
const targetsOf = ({ body }: Delivery) =>
  (body['relay'] as { targets: { agentId: string; token: string }[] }).targets;

describe('a relay that is lost', () => {
  it('before it is asked, leaves its subtree to be asked directly', async () => {
    const { ids } = await scene.company('before', 1, 5);
    const line = await scene.stack.connect('doomed');
    await scene.agent('before-a', { group: 'before', relay: true, connection: line });
    await line.nats.close();
    const { status, result, relaying } = await scene.over('before', gather);
    expect(status).toBe('partial');
    expect(answeredBy(result)).toEqual(ids);
    expect(result.failed).toMatchObject([{ agentId: 'before-a', code: 'unavailable' }]);
    expect(relaying).toMatchObject({ relays: 2, relayed: 7, lost: 1 });
    expect(sorted(scene.runs)).toEqual(once(ids));
  });

  it('while it relays, is noticed long before the deadline, and nobody works twice', async () => {
    const line = await scene.stack.connect('doomed');
    const slow = async () => {
      await line.nats.close();
      await sleep(300);
      return 'done';
    };
    const { ids } = await scene.company('midway', 0, 6, () => slow);
    await scene.agent('midway-a', { group: 'midway', relay: true, connection: line });
    const { status, reply, result, relaying } = await scene.over('midway', { ...gather, timeoutMs: 20_000 });
    expect(status).toBe('partial');
    expect(answeredBy(result)).toEqual(ids);
    expect(result.responses.every(({ data }) => data === 'done')).toBe(true);
    expect(result.failed).toMatchObject([{ agentId: 'midway-a', code: 'unavailable' }]);
    expect(relaying).toMatchObject({ relays: 1, relayed: 7, lost: 1, askedInstead: 7 });
    expect((reply['performance'] as { durationMs: number }).durationMs).toBeLessThan(15_000);
    scene.runs.delete('midway-a');
    expect(sorted(scene.runs)).toEqual(once(ids));
  });

  it('in the middle of a broadcast, leaves it told to each once', async () => {
    const line = await scene.stack.connect('doomed');
    const { ids } = await scene.company('news', 0, 6, () => async () => {
      await line.nats.close();
      await sleep(200);
    });
    await scene.agent('news-a', { group: 'news', relay: true, connection: line });
    const { result } = await scene.over('news', { type: 'broadcast', delivery: 'acknowledged' });
    expect(result).toMatchObject({ acknowledged: 6, missing: [], failed: [{ agentId: 'news-a' }] });
    scene.runs.delete('news-a');
    expect(sorted(scene.runs)).toEqual(once(ids));
  });

  it('because it leaves, reports what it has, and leaves the rest', async () => {
    let leave: () => unknown = () => undefined;
    const { ids } = await scene.company('leaving', 0, 6, (id) => async () => {
      if (id !== 'leaving-x-00') return id;
      await sleep(50);
      leave();
      return sleep(500, id);
    });
    const relay = await scene.agent('leaving-a', { group: 'leaving', relay: true });
    leave = () => relay.close({ drainTimeoutMs: 50 });
    const { result, relaying } = await scene.over('leaving', gather);
    expect(answeredBy(result)).toEqual(['leaving-a', ...ids]);
    expect(relaying).toEqual({ relays: 1, relayed: 7, lost: 1, askedInstead: 1 });
    expect(sorted(scene.runs)).toEqual(once(['leaving-a', ...ids]));
  });

  it('is not one that waits for slow agents', async () => {
    const { ids } = await scene.company('patient', 2, 4, (id) => () => sleep(1_500, id));
    const { status, result, relaying } = await scene.over('patient', gather);
    expect(status).toBe('complete');
    expect(answeredBy(result)).toEqual(ids);
    expect(relaying).toMatchObject({ lost: 0, askedInstead: 0 });
  });
});

/** What somebody who relays may say of the agents that it was given. */
type Lie = (targets: readonly string[]) => readonly Body[];

const forged = (agentId: string) => ({ agentId, ok: true, data: 'forged' });

describe('a relay that lies', () => {
  const lies: [string, Lie][] = [
    ['says nothing', () => []],
    ['says that it takes the order, and nothing more', () => [{}]],
    ['says that it is done, and of whom not', () => [{ final: true }]],
    ['speaks for another relay’s agents', () => [{ answers: [forged('victim')] }]],
    ['speaks for nobody', () => [{ answers: [forged('no-such-agent')] }]],
    [
      'speaks of one twice at once',
      ([first = '']) => [{ reached: [], answers: [forged(first), forged(first)] }],
    ],
    ['gives up before the time', (targets) => [{ missing: [...targets], final: true }]],
    ['has others answer without their answers', (targets) => [{ reached: [...targets], final: true }]],
    ['has an aggregate where none is wanted', () => [{ state: { n: 1 } }]],
    ['calls itself another', () => [{ relayId: 'victim', final: true }]],
    ['speaks in riddles', () => [{ answers: 'all' }]],
  ];

  it.each(lies)('and %s costs nobody an answer', async (_, lie) => {
    const { ids } = await scene.company('lied', 1, 5);
    await liar('lied', lie);
    const { status, result, relaying } = await scene.over('lied', gather);
    expect(status).toBe('complete');
    expect(result.responses).toEqual(['a-liar', ...ids].toSorted().map((id) => ({ agentId: id, data: id })));
    expect(relaying).toMatchObject({ relays: 2, relayed: 7, lost: 1 });
    expect(sorted(scene.runs)).toEqual(once(ids));
  });

  it('of one twice, one word after the other, is not believed of the rest', async () => {
    const { ids } = await scene.company('repeated', 1, 5);
    await liar('repeated', ([first = '', ...others]) => [
      { answers: [forged(first)] },
      { answers: [first, ...others].map(forged), final: true },
    ]);
    const { result, relaying } = await scene.over('repeated', gather);
    // Three are left of its subtree, and it does not hear the other relay itself. It speaks for its subtree: what it said first of the first was entered, and nothing after that.
    expect(result.responses.filter(({ data }) => data === 'forged')).toHaveLength(1);
    expect(answeredBy(result)).toEqual(['a-liar', ...ids].toSorted());
    expect(relaying).toMatchObject({ relays: 2, relayed: 7, lost: 1, askedInstead: 4 });
  });

  const states: [string, Body][] = [
    ['more values than there are agents', { n: 1_000_000, sums: [1, 0, 0, 0] }],
    ['none', {}],
    ['another aggregate', { n: 1, extreme: 7 }],
  ];

  it.each(states)('in an aggregate, of %s, costs nobody the right one', async (_, state) => {
    const line = await scene.stack.connect('counted');
    const each = Array.from({ length: 1_001 }, (_unused, at) =>
      scene.agent(`counted-${at}`, { group: 'counted', relay: at === 0, connection: line, answer: () => 1 }),
    );
    await Promise.all(each);
    await liar(
      'counted',
      (targets) => [{ reached: [...targets], final: true, ...('n' in state && { state }) }],
      1,
    );
    const goal = { ...gather, aggregate: 'sum', timeoutMs: 20_000 };
    const { result, relaying } = await scene.over('counted', goal);
    expect(result).toMatchObject({ aggregate: 1_002, sampleSize: 1_002, missing: [], failed: [] });
    expect(relaying).toMatchObject({ relays: 2, lost: 1 });
    expect([...scene.runs.values()].every((times) => times === 1)).toBe(true);
  });

  /** Answers for itself as it should, and for its subtree as it likes. */
  async function liar(group: string, lie: Lie, own: unknown = 'a-liar') {
    const script = (delivery: Delivery) => {
      if (delivery.body['relay'] === undefined) {
        delivery.answer(own);
        return;
      }
      const targets = targetsOf(delivery).map(({ agentId }) => agentId);
      for (const said of lie(targets)) delivery.raw(JSON.stringify({ relayId: 'a-liar', ...said }));
    };
    const token = await scene.stranger('a-liar', group, script, { relay: true });
    scene.keep({
      close: async () => {
        await scene.fleet.request('nexus.agents.deregister.a-liar', { token });
        scene.fleet.leave('a-liar');
      },
    });
  }
});

describe('an agent that another one tells something', () => {
  const order = { kind: 'gather', coordinationId: 'c-1' };
  const hash = tokenHashOf('0123456789abcdefghijkl');

  it.each([
    ['without a token', {}],
    ['with one that is made up', { relayed: { token: 'a'.repeat(16) } }],
    ['with one of another agent', { relayed: { token: relayToken(hash, { ...order, relayId: 'peer' }) } }],
  ])('%s refuses it, and does nothing', async (_, more) => {
    await scene.agent('wary', { group: 'wary' });
    const answer = await tell('wary', 'peer', { ...order, ...more });
    expect(answer).toMatchObject({ agentId: 'wary', ok: false, error: { code: 'forbidden' } });
    expect(scene.runs.size).toBe(0);
  });

  it('does it with the token that Nexus gave this relay, for this coordination and kind, and for no other', async () => {
    await scene.agent('bound', { group: 'bound' });
    await scene.agent('bound-too', { group: 'bound' });
    let given: Delivery | undefined;
    await scene.stranger('relay-1', 'bound', (delivery) => (given ??= delivery), { relay: true });
    await scene.over('bound', { ...gather, timeoutMs: 500 });
    scene.runs.clear();
    const { token } = targetsOf(given!).find(({ agentId }) => agentId === 'bound')!;
    const { coordinationId } = given!.body as { coordinationId: string };
    const relayed = { relayed: { token } };
    const refused: [string, Body][] = [
      ['relay-2', { kind: 'gather', coordinationId }],
      ['relay-1', { kind: 'broadcast', coordinationId }],
      ['relay-1', { kind: 'task', coordinationId }],
      ['relay-1', { kind: 'gather', coordinationId: 'another' }],
      ['relay-1', { kind: 'gather', coordinationId, fencingToken: 9 }],
    ];
    for (const [peer, message] of refused) {
      expect(await tell('bound', peer, { ...message, ...relayed })).toMatchObject({
        error: { code: 'forbidden' },
      });
    }
    expect(scene.runs.size).toBe(0);
    const done = await tell('bound', 'relay-1', { kind: 'gather', coordinationId, ...relayed });
    expect(done).toMatchObject({ agentId: 'bound', ok: true, data: 'bound' });
  });

  it('relays nothing unless it has offered to', async () => {
    await scene.agent('modest', { group: 'modest' });
    const relay = {
      targets: [{ agentId: 'somebody', token: 'a'.repeat(16) }],
      ...{ want: 'answers', targetBudgetMs: 500, beatMs: 100 },
    };
    const said = await scene.fleet.request('nexus.agent.modest', message({ ...order, relay }));
    expect(said).toEqual({ relayId: 'modest', missing: [], final: true });
  });

  const message = (more: Body): Body => ({
    payload: null,
    budgetMs: 1_000,
    attempt: 1,
    from: 'nexus',
    ...more,
  });

  const tell = (agentId: string, peer: string, more: Body) =>
    scene.fleet.request(`nexus.agent.${agentId}.from.${peer}`, message(more));
});
