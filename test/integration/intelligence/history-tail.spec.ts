import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OutcomeReport } from '@nexus/contracts';
import { RedisConnection } from '@nexus/platform/redis';
import { startTestServers, type TestServers } from '@nexus/testing';
import { History } from '../../../apps/intelligence/src/history/history.js';
import { HistoryKeys } from '../../../apps/intelligence/src/history/history-keys.js';
import { HistoryTail } from '../../../apps/intelligence/src/history/history-tail.js';
import { outcome, work } from './intelligence-stack.js';

let servers: TestServers;
let redis: RedisConnection;
let history: History;
let sequence = 0;

beforeAll(async () => {
  servers = await startTestServers({ redis: true });
  redis = RedisConnection.open({ url: servers.redisUrl, prefix: 'nexus', name: 'test' });
  await redis.whenConnected(5_000);
  history = new History(redis, { learnShareMax: 0.25, learnUserShareMax: 0.5 });
});

afterAll(async () => {
  await redis.close();
  await servers.stop();
});

const seen = (ids: readonly string[]) => {
  const head = { coordinatorId: 'coordinator-1', life: 'life-1', sequence: ++sequence };
  const outcomes = ids.map((id) => outcome(id, { durationMs: Number(id) }));
  return history.append({
    ...head,
    outcomes,
    work: ids.map((id) => work(`agent-${id}`, 10)),
  } as OutcomeReport);
};
const within = { workMs: 60_000, outcomesMs: 60_000 };

describe('HistoryTail', () => {
  it('tells what coordinators saw, reads on from where it was, and forgets what is old', async () => {
    const tail = new HistoryTail(redis);
    expect(await tail.read(within)).toMatchObject({ work: [], outcomes: [] });
    await seen(['1', '2']);
    const first = await tail.read(within);
    expect(first.outcomes.map(({ durationMs }) => durationMs)).toEqual([1, 2]);
    await seen(['3']);
    const { coordinationId, type, choice, features, success } = outcome('told');
    await history.tell('mallory', {
      ...{ coordinationId, type, choice, features, success, durationMs: 9_999 },
    });
    // What another version wrote, and this one cannot read.
    await redis.run((client) => client.xadd(new HistoryKeys(redis.keys).work, '*', 'w', '{"agentId":1}'));
    await redis.run((client) => client.xadd(new HistoryKeys(redis.keys).work, '*', 'w', 'no JSON'));
    const [second, third] = await Promise.all([tail.read(within), tail.read(within)]);
    for (const { outcomes, work: done } of [second, third]) {
      expect(outcomes.map(({ durationMs }) => durationMs)).toEqual([1, 2, 3]);
      expect(done.map(({ agentId }) => agentId)).toEqual(['agent-1', 'agent-2', 'agent-3']);
    }
    // Held as it was parsed: only what is new is read.
    expect(second.outcomes[0]).toBe(first.outcomes[0]);
    expect((await new HistoryTail(redis).read(within)).outcomes).toEqual(second.outcomes);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await seen(['4']);
    const { outcomes, work: done } = await tail.read({ workMs: 60_000, outcomesMs: 20 });
    expect(outcomes.map(({ durationMs }) => durationMs)).toEqual([4]);
    expect(done).toHaveLength(4);
  });
});
