import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Agent } from '@nexus/sdk';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';
import { type Body, type Delivery, ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';

interface Result {
  readonly requestId: string;
  readonly agentId: string;
  readonly ok: boolean;
  readonly data?: unknown;
  readonly error?: { readonly code: string };
  readonly attempts: number;
}

/** The layers above share work out by load; `performance/` has their tests. */
const maxLayer = 'foundation';

let scene: ScriptedStack | undefined;
let fleet: ScriptedFleet;

beforeAll(async () => {
  scene = await startScriptedStack({ env: { NEXUS_AGENT_WINDOW: '4' } });
  ({ fleet } = scene);
});

afterAll(() => scene?.stop());

const units = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `r${index}`, payload: index }));

async function share(group: string, count: number, more: Body = {}, through = fleet) {
  const goal = { type: 'load_balance', requests: units(count), timeoutMs: 20_000, ...more };
  const { status, result } = await through.coordinate({ agents: { group }, goal, maxLayer });
  const results = result['results'] as Result[];
  const assignments = result['assignments'] as { requestId: string; agentId: string }[];
  // Whatever else happens: one result and one assignment a unit, in the order of the request, and they agree.
  expect(results.map(({ requestId }) => requestId)).toEqual(units(count).map(({ id }) => id));
  expect(assignments).toEqual(results.map(({ requestId, agentId }) => ({ requestId, agentId })));
  return { status, results };
}

const echo = ({ body, answer }: Delivery) => answer({ did: body['payload'] });

describe('load balancing by the foundation', () => {
  it('returns each result exactly once, and runs each unit once', async () => {
    for (const agentId of ['e1', 'e2', 'e3']) await fleet.join(agentId, echo, { groups: ['echoes'] });
    const { status, results } = await share('echoes', 300);
    expect(status).toBe('complete');
    results.forEach((result, index) =>
      expect(result).toMatchObject({ ok: true, data: { did: index }, attempts: 1 }),
    );
    const ran = ['e1', 'e2', 'e3'].flatMap((agentId) =>
      fleet.to(agentId).map(({ body }) => Number(body['payload'])),
    );
    expect(ran.sort((a, b) => a - b)).toEqual(units(300).map(({ payload }) => payload));
  });

  it('sends the goal’s payload where a unit has none of its own', async () => {
    const goal = { type: 'load_balance', requests: [{ id: 'bare' }], payload: { of: 'the goal' } };
    const { result } = await fleet.coordinate({ agents: { group: 'echoes' }, goal });
    expect((result['results'] as Result[])[0]?.data).toEqual({ did: { of: 'the goal' } });
  });

  it('asks another agent when one is overloaded, within the retry budget', async () => {
    await fleet.join('busy', ({ refuse }) => refuse('overloaded'), { groups: ['mixed'] });
    await fleet.join('free', echo, { groups: ['mixed'] });
    const few = await share('mixed', 6);
    expect(few.status).toBe('complete');
    expect(few.results.map(({ attempts }) => attempts).sort()).toEqual([1, 1, 1, 2, 2, 2]);
    expect(new Set(few.results.map(({ agentId }) => agentId))).toEqual(new Set(['free']));
    // Ten units: five go to the busy agent, and the budget is 3 and a tenth of ten.
    const more = await share('mixed', 10);
    expect(more.status).toBe('partial');
    expect(more.results.filter(({ ok, attempts }) => ok && attempts === 2)).toHaveLength(4);
    expect(more.results.filter(({ ok }) => !ok)).toEqual([
      expect.objectContaining({
        agentId: 'busy',
        attempts: 1,
        error: { code: 'overloaded', message: 'overloaded' },
      }),
    ]);
  });

  it('does not repeat work that an agent tried and failed', async () => {
    await fleet.join('broken', ({ refuse }) => refuse('internal', 'divided by zero'), {
      groups: ['workshop'],
    });
    await fleet.join('sound', echo, { groups: ['workshop'] });
    const { status, results } = await share('workshop', 8);
    expect(status).toBe('partial');
    expect(results.filter(({ ok }) => !ok)).toHaveLength(4);
    for (const { agentId, attempts, error } of results.filter(({ ok }) => !ok)) {
      expect({ agentId, attempts, error }).toEqual({
        agentId: 'broken',
        attempts: 1,
        error: { code: 'internal', message: 'divided by zero' },
      });
    }
    expect(fleet.to('broken')).toHaveLength(4);
    expect(fleet.to('sound')).toHaveLength(4);
  });

  it.each([
    ['declared', { maxConcurrency: 3 }, 3],
    ['undeclared', {}, 4],
  ])('keeps to the window of an agent, %s', async (group, membership, window) => {
    const held: Delivery[] = [];
    let most = 0;
    await fleet.join(
      group,
      (delivery) => {
        held.push(delivery);
        most = Math.max(most, held.length);
      },
      { groups: [group], ...membership },
    );
    const shared = share(group, 20);
    for (let done = 0; done < 20; done += 1) {
      await eventually('the window is full', () => held.length === Math.min(window, 20 - done));
      echo(held.shift()!);
    }
    expect((await shared).status).toBe('complete');
    expect(most).toBe(window);
  });

  it('fails at the deadline what is not done, and returns what is', async () => {
    await fleet.join('stuck', () => undefined, { groups: ['half', 'stuck'] });
    await fleet.join('swift', echo, { groups: ['half'] });
    const half = await share('half', 6, { timeoutMs: 600 });
    expect(half.status).toBe('partial');
    expect(half.results.filter(({ ok }) => ok).map(({ agentId }) => agentId)).toEqual([
      'swift',
      'swift',
      'swift',
    ]);
    const rest = half.results.filter(({ ok }) => !ok);
    expect(rest.map(({ agentId, error }) => [agentId, error?.code])).toEqual(
      Array.from({ length: 3 }, () => ['stuck', 'deadline_exceeded']),
    );
    const none = await share('stuck', 2, { timeoutMs: 300 });
    expect(none.status).toBe('failed');
    expect(none.results.map(({ error }) => error?.code)).toEqual(['deadline_exceeded', 'deadline_exceeded']);
  });

  it('only assigns when it is not to dispatch', async () => {
    const before = fleet.deliveries.length;
    const goal = { type: 'load_balance', requests: units(4), dispatch: false };
    const { status, result } = await fleet.coordinate({ agents: { group: 'echoes' }, goal });
    expect(status).toBe('complete');
    expect(result).not.toHaveProperty('results');
    expect(result['assignments']).toHaveLength(4);
    expect(fleet.deliveries).toHaveLength(before);
  });

  it('refuses with a typed error what it cannot do', async () => {
    const goal = { type: 'load_balance', requests: units(2) };
    for (const agents of [{ group: 'nobody' }, { capability: 'none' }, { ids: ['ghost'] }]) {
      expect(await fleet.refused({ agents, goal })).toMatchObject({ status: '404', code: 'not_found' });
    }
    for (const algorithm of ['least_connections', 'weighted_response_time', 'resource_aware', 'adaptive']) {
      const request = { agents: { group: 'echoes' }, goal: { ...goal, algorithm }, maxLayer };
      const fault = await fleet.refused(request);
      expect(fault).toMatchObject({ status: '503', code: 'unavailable' });
    }
    const unknown = { ...goal, algorithm: 'dice' };
    expect(await fleet.refused({ agents: { group: 'echoes' }, goal: unknown })).toMatchObject({
      code: 'invalid_argument',
      details: [{ path: 'goal.algorithm' }],
    });
  });
});

describe('load balancing: an agent that vanishes', () => {
  let mortal: TestStack;
  let survivors: ScriptedFleet;
  let connection: NatsConnection;
  const agents: Agent[] = [];
  const timeoutMs = 20_000;
  /** How long a message may be under way on a busy machine, and so be seen later than its budget was written. */
  const onTheWayMsMax = 300;

  beforeAll(async () => {
    mortal = await startTestStack({ env: { NEXUS_AGENT_HEARTBEAT_MS: '200', NEXUS_AGENT_TTL_MS: '1000' } });
    connection = await connect({ servers: mortal.natsUrl });
    survivors = new ScriptedFleet(connection);
  });

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.close({ drainTimeoutMs: 100 })));
    await connection?.close();
    await mortal?.stop();
  });

  it('has its work done by another, once more and no more', async () => {
    const ran: Body[] = [];
    const arrived: { agentId: string; payload: unknown; attempt: number; budgetMs: number; atMs: number }[] =
      [];
    const start = async (agentId: string, task: (payload: unknown) => unknown) => {
      const line = await mortal.connect(agentId);
      // What is sent to the agent, seen on its own connection: with it, this listener goes too.
      line.subscribe(`nexus.agent.${agentId}`, (message) => {
        const { payload, attempt, budgetMs } = message.json<{
          payload: unknown;
          attempt: number;
          budgetMs: number;
        }>();
        arrived.push({ agentId, payload, attempt, budgetMs, atMs: performance.now() });
      });
      const agent = await Agent.start({
        connection: line,
        agentId,
        groups: ['mortals'],
        maxConcurrency: 2,
        handlers: {
          task: ({ payload, attempt }) => {
            ran.push({ agentId, payload, attempt });
            return task(payload);
          },
        },
      });
      agents.push(agent);
      return line;
    };
    const victimLine = await start('victim', () => new Promise(() => undefined));
    await start('heir', (payload) => ({ did: payload }));
    const shared = share('mortals', 8, { timeoutMs }, survivors);
    const ranBy = (agentId: string) => ran.filter((run) => run['agentId'] === agentId);
    await eventually('the victim has its hands full', () => ranBy('victim').length === 2);
    await victimLine.nats.close();

    const { status, results } = await shared;
    expect(status).toBe('complete');
    expect(results.every(({ ok, agentId }) => ok && agentId === 'heir')).toBe(true);
    const redone = results.filter(({ attempts }) => attempts === 2).map(({ requestId }) => requestId);
    expect(redone).toEqual(ranBy('victim').map(({ payload }) => `r${String(payload)}`));
    expect(results.filter(({ attempts }) => attempts === 1)).toHaveLength(6);
    // Every unit ran once at the heir; only those that the victim had begun were begun twice, and say so.
    expect(
      ranBy('heir')
        .map(({ payload }) => Number(payload))
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const again = ranBy('heir').filter(({ attempt }) => attempt === 2);
    expect(again.map(({ payload }) => `r${String(payload)}`).sort()).toEqual(redone);

    // The second attempt is told of the time that the first has used up.
    for (const second of arrived.filter(({ attempt }) => attempt === 2)) {
      const first = arrived.find(
        ({ agentId, payload }) => agentId === 'victim' && payload === second.payload,
      );
      const passedMs = second.atMs - first!.atMs;
      expect(first!.budgetMs).toBeLessThanOrEqual(timeoutMs);
      expect(second.budgetMs).toBeLessThan(first!.budgetMs);
      expect(first!.budgetMs - second.budgetMs).toBeGreaterThanOrEqual(passedMs - onTheWayMsMax);
    }
    expect(arrived.filter(({ attempt }) => attempt === 2)).toHaveLength(redone.length);
  });

  it('is forgotten after its time to live', async () => {
    await eventually('the victim is gone', async () => {
      const listed = await survivors.request('nexus.agents.list', { group: 'mortals' });
      return (listed['agents'] as Body[]).every(({ agentId }) => agentId !== 'victim');
    });
  });
});
