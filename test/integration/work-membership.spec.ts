import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';

// Agents come and go while a request runs. By the plain client, so that each step is ours.

interface Task {
  readonly unit: number;
  readonly attempt: number;
  answer(): void;
}

class HandAgent {
  readonly tasks: Task[] = [];
  private token = '';

  constructor(
    private readonly nats: NatsConnection,
    readonly agentId: string,
    private readonly maxConcurrency = 16,
  ) {
    nats.subscribe(`nexus.agent.${agentId}`, { callback: (_, message) => this.take(message) });
  }

  async join(): Promise<void> {
    const body = JSON.stringify({ groups: ['crew'], maxConcurrency: this.maxConcurrency });
    const reply = await this.nats.request(`nexus.agents.register.${this.agentId}`, body, { timeout: 5_000 });
    this.token = reply.json<{ token: string }>().token;
  }

  async leave(): Promise<void> {
    const body = JSON.stringify({ token: this.token });
    await this.nats.request(`nexus.agents.deregister.${this.agentId}`, body, { timeout: 5_000 });
  }

  private take(message: Msg): void {
    const { payload, attempt } = message.json<{ payload: { unit: number }; attempt: number }>();
    let answered = false;
    const answer = () => {
      if (answered) return;
      answered = true;
      message.respond(JSON.stringify({ agentId: this.agentId, ok: true, data: payload }));
    };
    this.tasks.push({ unit: payload.unit, attempt, answer });
  }
}

interface Result {
  readonly ok: boolean;
  readonly agentId: string;
  readonly attempts: number;
}

describe.each(['foundation', 'performance'])('work of the %s layer while agents come and go', (maxLayer) => {
  let stack: TestStack;
  let nats: NatsConnection;

  beforeEach(async () => {
    stack = await startTestStack({ env: { NEXUS_AGENT_TTL_MS: '60000' } });
    nats = await connect({ servers: stack.natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  });
  afterEach(async () => {
    await nats.close();
    await stack.stop();
  });

  const balance = async (units: number, timeoutMs = 20_000): Promise<readonly Result[]> => {
    const requests = Array.from({ length: units }, (_, unit) => ({ id: `u${unit}`, payload: { unit } }));
    const goal = { type: 'load_balance', requests, timeoutMs };
    const body = JSON.stringify({ agents: { group: 'crew' }, goal, maxLayer });
    const reply = await nats.request('nexus.coordinate', body, { timeout: timeoutMs + 5_000 });
    return reply.json<{ result: { results: Result[] } }>().result.results;
  };

  it('leaves an agent that says goodbye the work it has', async () => {
    const leaver = new HandAgent(nats, 'leaver');
    const stayer = new HandAgent(nats, 'stayer');
    await Promise.all([leaver.join(), stayer.join()]);
    const results = balance(4);
    await eventually('each has two', () => leaver.tasks.length === 2 && stayer.tasks.length === 2);
    await leaver.leave();
    for (const task of [...stayer.tasks, ...leaver.tasks]) task.answer();
    expect((await results).map(({ ok, attempts }) => ({ ok, attempts }))).toEqual(
      Array.from({ length: 4 }, () => ({ ok: true, attempts: 1 })),
    );
    expect(leaver.tasks).toHaveLength(2);
    expect(stayer.tasks).toHaveLength(2);
  });

  it('gives the work of a leaver that never finishes to another after a while', async () => {
    const leaver = new HandAgent(nats, 'leaver');
    const stayer = new HandAgent(nats, 'stayer');
    await Promise.all([leaver.join(), stayer.join()]);
    const results = balance(2);
    await eventually('each has one', () => leaver.tasks.length === 1 && stayer.tasks.length === 1);
    stayer.tasks[0]!.answer();
    await leaver.leave();
    await eventually('it goes to the other', () => stayer.tasks.length === 2);
    expect(stayer.tasks[1]).toMatchObject({ unit: leaver.tasks[0]!.unit, attempt: 2 });
    stayer.tasks[1]!.answer();
    expect((await results).every(({ ok }) => ok)).toBe(true);
  });

  it('waits for a fleet that restarts, and goes on', async () => {
    const solo = new HandAgent(nats, 'solo', 1);
    await solo.join();
    const results = balance(4);
    await eventually('its first', () => solo.tasks.length === 1);
    solo.tasks[0]!.answer();
    await eventually('its second', () => solo.tasks.length === 2);
    await solo.leave();
    solo.tasks[1]!.answer();
    await solo.join();
    for (const next of [2, 3]) {
      await eventually('its next', () => solo.tasks.length === next + 1);
      solo.tasks[next]!.answer();
    }
    expect((await results).map(({ ok, attempts }) => [ok, attempts])).toEqual(Array(4).fill([true, 1]));
  });

  it('takes in agents that join the targets when nobody else is left', async () => {
    const first = new HandAgent(nats, 'first', 1);
    await first.join();
    const results = balance(2);
    await eventually('the first has one', () => first.tasks.length === 1);
    await first.leave();
    first.tasks[0]!.answer();
    const second = new HandAgent(nats, 'second', 1);
    await second.join();
    await eventually('the second has one', () => second.tasks.length === 1);
    second.tasks[0]!.answer();
    expect((await results).map(({ ok, agentId }) => [ok, agentId])).toEqual([
      [true, 'first'],
      [true, 'second'],
    ]);
  });

  it('sends work that an outage held back once, also when its agent leaves meanwhile', async () => {
    const leaver = new HandAgent(nats, 'leaver', 1);
    const stayer = new HandAgent(nats, 'stayer', 1);
    await Promise.all([leaver.join(), stayer.join()]);
    const inbox = '_INBOX.held.reply';
    const reply = new Promise<Msg>((resolve) => {
      nats.subscribe(inbox, { callback: (_, message) => resolve(message) });
    });
    const requests = Array.from({ length: 4 }, (_, unit) => ({ id: `u${unit}`, payload: { unit } }));
    const goal = { type: 'load_balance', requests, timeoutMs: 30_000 };
    nats.publish('nexus.coordinate', JSON.stringify({ agents: { group: 'crew' }, goal, maxLayer }), {
      reply: inbox,
    });
    await eventually('each has one', () => leaver.tasks.length === 1 && stayer.tasks.length === 1);
    const back = reconnected(nats);
    stack.servers.nats.kill('SIGKILL');
    await stack.servers.nats.restart();
    await back;
    await stack.resubscribed();
    // Their answers free the windows, and the next units are held back until the agents count as back.
    leaver.tasks[0]!.answer();
    stayer.tasks[0]!.answer();
    await nats.flush();
    await leaver.leave();
    await leaver.join();
    await eventually('every unit was sent', () => {
      for (const task of [...stayer.tasks, ...leaver.tasks]) task.answer();
      return leaver.tasks.length + stayer.tasks.length === 4;
    });
    const { results } = (await reply).json<{ result: { results: Result[] } }>().result;
    expect(results.map(({ ok, attempts }) => [ok, attempts])).toEqual(Array(4).fill([true, 1]));
    const units = [...leaver.tasks, ...stayer.tasks].map(({ unit }) => unit);
    expect(units.toSorted()).toEqual([0, 1, 2, 3]);
  });
});

async function reconnected(nats: NatsConnection): Promise<void> {
  for await (const status of nats.status()) if (status.type === 'reconnect') return;
}
