import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentIdSchema } from '@nexus/contracts';
import { PhiAccrual } from '@nexus/core/gossip';
import { RedisConnection } from '@nexus/platform/redis';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { type Pulse, readPulse } from '../../../apps/routing/src/liveness/pulse.js';
import { detectorOptions, silenceTerms } from '../../../apps/routing/src/liveness/silence-terms.js';
import { RouteStore } from '../../../apps/routing/src/store/route-store.js';

const times = { heartbeatMs: 20, ttlMs: 400, phiSuspect: 8 };
const terms = silenceTerms(times);
const load = { cpu: 0, memory: 0, queueDepth: 0 };

let servers: TestServers;
let redis: RedisConnection;
let store: RouteStore;

beforeAll(async () => {
  servers = await startTestServers({ redis: true });
  redis = RedisConnection.open({ url: servers.redisUrl, prefix: 'nexus', name: 'rhythm' });
  await redis.whenConnected(5_000);
  store = new RouteStore(redis, terms);
  await store.open((await store.position(undefined)).epoch);
});

afterAll(async () => {
  await redis.close();
  await servers.stop();
});

/** An agent as the store knows it: registered anew with each call. */
async function agentNamed(name: string) {
  const agentId = agentIdSchema.parse(name);
  const tokenHash = `hash of ${name}`;
  const registeredAt = new Date().toISOString();
  const record = { agentId, groups: [], capabilities: [], weight: 1, registeredAt };
  await store.register({ host: undefined, records: [record], tokenHash });
  const beatOnce = { agentId, tokenHash, load };
  return {
    beat: (count = 1) => store.heartbeats(Array.from({ length: count }, () => beatOnce)),
    pulse: async (): Promise<Pulse> => {
      const pulse = readPulse(await redis.run((client) => client.hgetBuffer('{nexus}:routes:pulse', name)));
      if (!pulse) throw new Error(`${name} has no pulse`);
      return pulse;
    },
    due: async () => Number(await redis.run((client) => client.zscore('{nexus}:routes:due', name))),
  };
}

const expectedDue = (detector: PhiAccrual, { seenMs }: Pulse) =>
  seenMs +
  Math.ceil(
    Math.min(Math.max(detector.silenceFor(times.phiSuspect), terms.silenceMsMin), times.ttlMs) - 1e-6,
  );

describe('the rhythm of an agent in Redis', () => {
  it('gives each silence the length that the core’s detector gives it', async () => {
    const agent = await agentNamed('irregular');
    const detector = new PhiAccrual(detectorOptions(times), (await agent.pulse()).seenMs);
    expect(await agent.due()).toBe(expectedDue(detector, await agent.pulse()));
    for (const waitMs of [...Array<number>(40).fill(15), 90, 1, 600, 15, 15, 0, 0, 15]) {
      await pause(waitMs);
      await agent.beat();
      const pulse = await agent.pulse();
      detector.observe(pulse.seenMs);
      expect(await agent.due()).toBe(expectedDue(detector, pulse));
    }
  });

  it('counts a sign of life for each of a burst in one batch', async () => {
    const agent = await agentNamed('burst');
    const before = await agent.pulse();
    await agent.beat(5);
    expect((await agent.pulse()).weight).toBe(before.weight + 5);
  });

  it('is no shorter than two heartbeats after a flood, and forgotten with the life it was of', async () => {
    const agent = await agentNamed('flood');
    for (let batch = 0; batch < 20; batch += 1) await agent.beat(200);
    expect((await agent.due()) - (await agent.pulse()).seenMs).toBe(2 * times.heartbeatMs);
    const again = await agentNamed('flood');
    expect((await again.due()) - (await again.pulse()).seenMs).toBe(times.ttlMs);
  });

  it('leaves an agent its place for its whole time to live, however early it was suspected', async () => {
    const agent = await agentNamed('flood');
    for (let batch = 0; batch < 20; batch += 1) await agent.beat(200);
    const { seenMs } = await agent.pulse();
    const suspectedAt = await agent.due();
    await eventually('a sweep that suspects it', async () => {
      const swept = await store.sweep();
      return (
        swept.kind === 'swept' &&
        swept.deltas.some(({ change }) => change.kind === 'upsert' && change.route.agentId === 'flood')
      );
    });
    const goneAt = await agent.due();
    expect(suspectedAt).toBe(seenMs + 2 * times.heartbeatMs);
    expect(goneAt).toBeGreaterThanOrEqual(seenMs + times.ttlMs);
    expect(goneAt).toBeLessThanOrEqual(seenMs + 1.5 * times.ttlMs);
  });
});
