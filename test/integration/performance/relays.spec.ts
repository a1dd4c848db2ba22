import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, AgentHost } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { answeredBy, hierarchical, idsOf, type Outcome, RelayScene } from './relay-scene.js';

let scene: RelayScene;

beforeAll(async () => {
  scene = await RelayScene.start();
});

afterEach(() => scene.endTest());

afterAll(() => scene?.stop());

const gather = { type: 'gather' };

describe('a gather over relays', () => {
  it('brings the answer of each, once, and says how', async () => {
    const { ids, relaying } = await scene.company('all', 4, 12);
    const { status, reply, relaying: told, result } = await scene.over('all', gather);
    expect(reply).toMatchObject({ status: 'complete', layer: 'performance', strategy: 'hierarchical' });
    expect(status).toBe('complete');
    expect(answeredBy(result)).toEqual(ids);
    for (const { agentId, data } of result.responses) expect(data).toBe(agentId);
    expect(told).toEqual({ relays: 4, relayed: 16, lost: 0, askedInstead: 0 });
    expect(relaying.map(({ stats }) => stats.relayed)).toEqual([4, 4, 4, 4]);
    expect([...scene.runs.values()]).toEqual(ids.map(() => 1));
  });

  it('gives those who are asked over a relay less time than their relay, and it less than it has', async () => {
    const budgets: number[] = [];
    await scene.company(
      'times',
      2,
      4,
      () =>
        ({ budgetMs }) =>
          void budgets.push(budgetMs),
    );
    await scene.over('times', { ...gather, timeoutMs: 4_000 });
    expect(budgets).toHaveLength(6);
    for (const budgetMs of budgets) expect(budgetMs).toBeLessThanOrEqual(4_000 - 3 * 200);
  });

  it('tells who failed and who was silent', async () => {
    const { ids } = await scene.company('mixed', 2, 4, (id) => () => {
      if (id === 'mixed-x-01') throw new Error('no');
      return id === 'mixed-x-02' ? new Promise(() => undefined) : id;
    });
    const { status, result } = await scene.over('mixed', { ...gather, timeoutMs: 1_000 });
    expect(status).toBe('partial');
    expect(answeredBy(result)).toEqual(ids.filter((id) => !['mixed-x-01', 'mixed-x-02'].includes(id)));
    const others = result.failed.filter(({ agentId }) => agentId !== 'mixed-x-02');
    expect(others).toMatchObject([{ agentId: 'mixed-x-01', code: 'internal', message: 'no' }]);
    // The agent itself answers at the end of its budget that its handler has not ended: both may come first.
    const silent = [...result.missing, ...result.failed.map(({ agentId }) => agentId)];
    expect(silent.filter((id) => id === 'mixed-x-02')).toHaveLength(1);
  });

  it('reads agents that speak MessagePack, over relays that do', async () => {
    await scene.agent('pack-r', {
      group: 'pack',
      relay: true,
      encoding: 'msgpack',
      answer: ({ payload }) => payload,
    });
    await scene.agent('pack-x', { group: 'pack', encoding: 'msgpack', answer: ({ payload }) => payload });
    await scene.agent('pack-y', { group: 'pack', answer: ({ payload }) => payload });
    const { result, relaying } = await scene.over('pack', { ...gather, payload: { to: ['all', 1.5] } });
    expect(result.responses.map(({ data }) => data)).toEqual([1, 2, 3].map(() => ({ to: ['all', 1.5] })));
    expect(relaying).toMatchObject({ relays: 1, relayed: 3, lost: 0, askedInstead: 0 });
  });

  it('has a relay send what is too much for one message as several, and loses none', async () => {
    const long = 'x'.repeat(300 * 1024);
    const { ids, relaying } = await scene.company('bulky', 1, 7, () => () => long);
    const messages = await scene.fleet.conversation(hierarchical('bulky', gather));
    const parts = messages.slice(0, -1).map((message) => message.json<{ part: Outcome }>().part);
    const answers = parts.flatMap(({ responses = [] }) => responses);
    expect(answers.map(({ agentId }) => agentId).toSorted()).toEqual(ids);
    expect(answers.every(({ data }) => data === long)).toBe(true);
    expect(relaying[0]!.stats.relayed).toBe(8);
    expect(messages.at(-1)!.json()).toMatchObject({
      status: 'complete',
      result: { failed: [], missing: [] },
    });
  });
});

describe('an aggregate over relays', () => {
  const ids = idsOf('agg', 1_050);
  const valueOf = (at: number) => (at === 0 ? -1 : at === 1 ? 2 : at < 61 ? 1 : 0);
  let joined: Agent[] = [];

  beforeAll(async () => {
    // On one connection: as many processes are more than a test needs.
    const line = await scene.stack.connect('agg');
    joined = await Promise.all(
      ids.map((agentId, at) => {
        const handlers = { gather: () => ({ n: valueOf(at), parity: at % 3 === 0 ? 'rare' : 'common' }) };
        return Agent.start({ connection: line, agentId, groups: ['agg'], relay: at % 50 === 0, handlers });
      }),
    );
  });

  afterAll(() => Promise.all(joined.map((one) => one.close({ drainTimeoutMs: 0 }))));

  it.each<[string, string, unknown]>([
    ['sum', '/n', 60],
    ['count', '', 1_050],
    ['mean', '/n', 60 / 1_050],
    ['min', '/n', -1],
    ['max', '/n', 2],
    ['majority', '/parity', { value: 'common', count: 700, share: 700 / 1_050 }],
    ['histogram', '/n', expect.objectContaining({ min: -1, max: 2 })],
  ])('%s is brought together on the way, and is that of all', async (aggregate, field, expected) => {
    const { status, result, relaying } = await scene.over('agg', {
      ...gather,
      aggregate,
      field,
      timeoutMs: 20_000,
    });
    expect(relaying).toEqual({ relays: 21, relayed: 1_050, lost: 0, askedInstead: 0 });
    expect(status).toBe('complete');
    expect(result).toMatchObject({ sampleSize: 1_050, responses: [], missing: [], failed: [] });
    expect(result.aggregate).toEqual(expected);
  });
});

describe('a broadcast over relays', () => {
  it('is acknowledged by each', async () => {
    const { ids } = await scene.company('told', 2, 7);
    const { status, result, relaying } = await scene.over('told', {
      type: 'broadcast',
      delivery: 'acknowledged',
    });
    expect(status).toBe('complete');
    expect(result).toMatchObject({ targeted: 9, delivered: 9, acknowledged: 9, missing: [], failed: [] });
    expect(relaying).toMatchObject({ relays: 2, relayed: 9, lost: 0, askedInstead: 0 });
    expect([...scene.runs.keys()].toSorted()).toEqual(ids);
  });

  it('is passed on, and waited for no longer, where no acknowledgement is wanted', async () => {
    const { ids } = await scene.company('heard', 2, 7, () => () => new Promise(() => undefined));
    const { status, result, relaying } = await scene.over('heard', { type: 'broadcast', timeoutMs: 60_000 });
    expect(status).toBe('complete');
    expect(result).toMatchObject({ targeted: 9, delivered: 9, missing: [], failed: [] });
    expect(relaying).toMatchObject({ relays: 2, relayed: 9, lost: 0, askedInstead: 0 });
    await eventually('all have it', () => scene.runs.size === 9);
    expect([...scene.runs.keys()].toSorted()).toEqual(ids);
  });
});

describe('agents that no relay can speak to', () => {
  it('are asked directly: those of hosts together, plain ones alone', async () => {
    const { ids } = await scene.company('sundry', 2, 3);
    const host = await AgentHost.start({ servers: scene.stack.natsUrl, hostId: 'sundry-host' });
    scene.keep(host);
    const hosted = idsOf('sundry-h', 5);
    await host.addAll(
      hosted.map((agentId) => ({ agentId, groups: ['sundry'], handlers: { gather: () => agentId } })),
    );
    await scene.fleet.join('sundry-plain', ({ answer }) => answer('plain'), { groups: ['sundry'] });
    const { status, result, relaying } = await scene.over('sundry', gather);
    expect(status).toBe('complete');
    expect(answeredBy(result)).toEqual([...ids, ...hosted, 'sundry-plain'].toSorted());
    expect(relaying).toEqual({ relays: 2, relayed: 5, lost: 0, askedInstead: 0 });
  });

  it('are asked directly when they hear groups, and no other agents', async () => {
    const { ids } = await scene.company('deaf', 1, 2);
    await scene.stranger('deaf-one', 'deaf', ({ answer }) => answer('here'));
    const { status, result, relaying } = await scene.over('deaf', gather);
    expect(status).toBe('complete');
    expect(answeredBy(result)).toEqual(['deaf-one', ...ids]);
    expect(relaying).toEqual({ relays: 1, relayed: 4, lost: 0, askedInstead: 1 });
  });

  it('are all there are, where nobody relays', async () => {
    const { ids } = await scene.company('flat', 0, 4);
    const { reply, result, relaying } = await scene.over('flat', gather);
    expect(reply).toMatchObject({ status: 'complete', layer: 'performance', strategy: 'hierarchical' });
    expect(answeredBy(result)).toEqual(ids);
    expect(relaying).toBeUndefined();
  });
});

describe('other goals', () => {
  it('are not served by relays, and nobody is asked', async () => {
    const { ids } = await scene.company('others', 1, 2);
    const goals = [
      { type: 'load_balance', requests: [{ id: 'one' }] },
      { type: 'consensus', proposal: { key: 'k', options: ['a'] } },
    ];
    for (const goal of goals) {
      const { code, message } = await scene.fleet.refused(hierarchical('others', goal));
      expect(code).toBe('unavailable');
      expect(message).toContain(`serves ${goal.type} by hierarchical`);
    }
    expect(ids).toHaveLength(3);
    expect(scene.runs.size).toBe(0);
  });
});
