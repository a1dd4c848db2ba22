import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints } from '@nexus/contracts';
import { RedisConnection } from '@nexus/platform/redis';
import { eventually } from '@nexus/testing';
import { Redis } from 'ioredis';
import { History } from '../../../apps/intelligence/src/history/history.js';
import { gathers, IntelligenceStack, outcome, work } from './intelligence-stack.js';

let stack: IntelligenceStack;
let redis: Redis;
const state = '{nexus}:intelligence:state';

beforeAll(async () => {
  stack = await IntelligenceStack.start({
    NEXUS_TRAINING_INTERVAL_MS: '3600000',
    NEXUS_ANOMALY_INTERVAL_MS: '600000',
  });
  redis = new Redis(stack.servers.redisUrl);
});

afterAll(async () => {
  redis.disconnect();
  await stack.stop();
});

const rule = (choice: string, agents: number) => ((choice === 'hierarchical') === agents > 200 ? 20 : 200);
const predict = () =>
  stack.call(endpoints.intelligencePredict, { type: 'gather', features: { agents: 350 } });
const keyLike = async (pattern: string) => (await redis.keys(pattern))[0]!;

describe('what cannot be read', () => {
  it('is left out of the history and counted, and what a newer version adds is no fault', async () => {
    await stack.reportAll(gathers({ durationMs: rule, prefix: 'first', count: 600, seed: 1 }));
    await stack.report([], [work('a1', 5)]);
    const seen = await keyLike('{nexus}:intelligence:outcomes*gather');
    const newer = outcome('newer');
    const entries = [
      '{',
      '{"type":"gather"}',
      JSON.stringify({ ...newer, later: 1, features: { ...newer.features, later: 1 } }),
    ];
    for (const text of entries) await redis.xadd(seen, '*', 'c', 'odd', 'u', 'alice', 'o', text);
    await redis.xadd('{nexus}:intelligence:work', '*', 'w', 'null');
    await redis.xadd('{nexus}:intelligence:told', '*', 'u', 'bob', 'c', 'x', 'o', '[]');
    const connection = RedisConnection.open({
      url: stack.servers.redisUrl,
      prefix: 'nexus',
      name: 'test',
    });
    const history = new History(connection, { learnShareMax: 0.25, learnUserShareMax: 0.2 });
    await eventually('it is connected', () => history.figures().catch(() => undefined));
    expect(await history.latestOutcomes()).toHaveLength(601);
    expect(await history.latestOutcomes()).toHaveLength(601);
    expect(await history.latestWork()).toHaveLength(1);
    expect((await history.figures()).unreadable).toBe(4);
    await connection.close();
    expect((await stack.train()).models[0]).toMatchObject({ version: 1, state: 'champion' });
    expect(await predict()).toMatchObject({ recommended: 'hierarchical' });
  });

  it('counts as absent in the registry, and all else is served', async () => {
    await redis.hset(state, 'latency', '{', 'watch', '[]', 'champion_broadcast', '1');
    await redis.hset('{nexus}:intelligence:models:broadcast', '1', '{"model":null}');
    await redis.hincrby(state, 'revision', 1);
    expect((await stack.models()).latency).toBeNull();
    expect(await stack.snapshot()).toMatchObject({ latency: null, probation: [] });
    expect((await stack.snapshot()).strategies).toHaveLength(1);
    expect(await predict()).toMatchObject({ recommended: 'hierarchical' });
  });

  it('is replaced by what is trained next', async () => {
    await redis.hset('{nexus}:intelligence:models:gather', '1', '{');
    await stack.reportAll(gathers({ durationMs: rule, prefix: 'second', count: 200, seed: 2 }));
    expect((await stack.train()).models[0]).toMatchObject({ version: 2, state: 'champion' });
  });
});
