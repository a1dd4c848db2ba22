import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CoordinateReply } from '@nexus/contracts';
import { RedisConnection } from '@nexus/platform/redis';
import { eventually, sampleReply, startTestServers, type TestServers } from '@nexus/testing';
import { CoordinationMetrics } from '../../../apps/coordinator/src/metrics/coordination-metrics.js';
import { FigureSharing } from '../../../apps/coordinator/src/metrics/figure-sharing.js';
import { type Batch, FigureSums } from '../../../apps/coordinator/src/metrics/figure-sums.js';

// The sums of one coordinator in a Redis that stalls, dies and forgets.

let servers: TestServers;
let redis: RedisConnection;
let shared: FigureSums;
let metrics: CoordinationMetrics;
let sharing: FigureSharing;

const reply = sampleReply('gather', { responses: [], missing: [], failed: [] }) as unknown as CoordinateReply;

beforeEach(async () => {
  servers = await startTestServers();
  redis = RedisConnection.open({
    url: servers.redisUrl,
    prefix: 'nexus',
    name: 'spec',
    commandTimeoutMs: 300,
  });
  await redis.whenConnected(5_000);
  shared = new FigureSums(redis, 'coordinator-1');
  metrics = new CoordinationMetrics();
  sharing = new FigureSharing({ metrics, shared, ejections: () => 0 });
});

afterEach(async () => {
  servers.redis.kill('SIGCONT');
  await sharing.onApplicationShutdown();
  await redis.close();
  await servers.stop();
});

const serve = (times: number) => {
  for (let at = 0; at < times; at++) metrics.served(reply);
};
const completed = async () => {
  const { tallies } = await shared.read(10);
  return tallies.reduce((sum, tally) => sum + (tally.get('complete') ?? 0), 0);
};

describe('the figures of a coordinator', () => {
  it('count once when a batch is sent again', async () => {
    const batch: Batch = {
      number: 1,
      growth: [{ key: { type: 'gather', algorithm: undefined }, fields: [['complete', 3]] }],
      assigned: [{ algorithm: 'peak_ewma', agents: [{ item: 'a', count: 2 }] }],
      ejections: 1,
    };
    expect(await shared.add(batch)).toBe(true);
    expect(await shared.add(batch)).toBe(false);
    const { assigned, ejections } = await shared.read(10);
    expect([await completed(), ejections, assigned.get('peak_ewma')]).toEqual([
      3,
      1,
      [{ item: 'a', count: 2 }],
    ]);
  });

  it('count once when Redis took a batch and nobody heard of it', async () => {
    serve(2);
    servers.redis.kill('SIGSTOP');
    await sharing.share();
    serve(5);
    await sharing.share();
    servers.redis.kill('SIGCONT');
    const sum = await eventually('the sums are told', async () => {
      await sharing.share();
      const seen = await completed().catch(() => 0);
      return seen >= 7 && seen;
    });
    expect(sum).toBe(7);
    await sharing.share();
    expect(await completed()).toBe(7);
  });

  it('are told of later when Redis was away', async () => {
    servers.redis.kill('SIGKILL');
    await servers.redis.exited;
    serve(4);
    await sharing.share();
    serve(4);
    await sharing.share();
    await servers.redis.restart();
    const sum = await eventually('the sums are told', async () => {
      await sharing.share();
      const seen = await completed().catch(() => 0);
      return seen >= 8 && seen;
    });
    expect(sum).toBe(8);
  });

  it('keep a bounded number of agents in Redis, those that are assigned most', async () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => `agent-${at}`);
    metrics.assigned('round_robin', ids);
    metrics.assigned('round_robin', ['agent-7', 'agent-7']);
    await sharing.share();
    const key = redis.keys.of('metrics', 'assigned', 'round_robin');
    expect(await redis.run((commands) => commands.zcard(key))).toBe(1_000);
    const { assigned } = await shared.read(2);
    expect(assigned.get('round_robin')![0]).toEqual({ item: 'agent-7', count: 3 });
  });

  it('go some time after nobody adds to them any more', async () => {
    serve(1);
    metrics.assigned('round_robin', ['a']);
    await sharing.share();
    const keys = await redis.run((commands) => commands.keys('{nexus}:metrics:*'));
    expect(keys.length).toBeGreaterThanOrEqual(4);
    const ttlsMs = await redis.run((commands) => Promise.all(keys.map((key) => commands.pttl(key))));
    expect(Math.min(...ttlsMs)).toBeGreaterThan(0);
  });
});
