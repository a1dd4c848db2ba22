import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { Agent, type AgentEvent } from '@nexus/sdk';
import { eventually, gate, startTestServers, type TestServers } from '@nexus/testing';
import { FakeRouting } from './sdk/fake-routing.js';

let servers: TestServers;
let routing: FakeRouting;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  routing = await FakeRouting.start(servers.natsUrl);
});

afterAll(async () => {
  await routing.nats.close();
  await servers.stop();
});

describe('Agent: an asker that comes back later than it does', () => {
  it('answers once somebody listens, and counts what nobody took as lost', async () => {
    const { opened, open } = gate();
    const events: AgentEvent[] = [];
    let finished = 0;
    const agent = await Agent.start({
      servers: servers.natsUrl,
      agentId: 'patient',
      handlers: { task: () => opened.then(() => (finished += 1)) },
      onEvent: (event) => events.push(event),
    });
    const message = { kind: 'task', payload: 0, attempt: 1, from: 'x' };
    const task = (coordinationId: string, budgetMs: number) =>
      routing.nats.publish('nexus.agent.patient', JSON.stringify({ ...message, coordinationId, budgetMs }), {
        reply: `_INBOX.test.${coordinationId}`,
      });
    task('kept', 60_000);
    task('forgotten', 8_000);
    await eventually('both run', () => agent.load().active === 2);
    servers.nats.kill('SIGKILL');
    await eventually('it notices', () => !agent.registered);
    await servers.nats.restart();
    await eventually('it is back', () => events.some(({ kind }) => kind === 'reconnected'), 20_000);
    open();
    await eventually('the handlers are done', () => finished === 2);
    const asker = await connect({ servers: servers.natsUrl });
    const heard: unknown[] = [];
    asker.subscribe('_INBOX.test.kept', {
      callback: (_error, { data }) => void heard.push(JSON.parse(new TextDecoder().decode(data))),
    });
    await eventually('the answer', () => heard.length > 0, 20_000);
    await eventually('the other is given up', () => agent.stats.lost === 1, 20_000);
    expect(heard).toMatchObject([{ agentId: 'patient', ok: true }]);
    expect(agent.stats).toMatchObject({ answered: 1, lost: 1 });
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'answer_lost', coordinationId: 'forgotten' }),
    );
    await asker.close();
    await agent.close();
  });
});
