import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisConnection } from '@nexus/platform/redis';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { type ModelCommit, Registry } from '../../../apps/intelligence/src/registry/registry.js';
import { type StoredModel } from '../../../apps/intelligence/src/registry/stored-model.js';

let servers: TestServers;
let redis: RedisConnection;
let registry: Registry;

beforeAll(async () => {
  servers = await startTestServers({ redis: true });
  redis = RedisConnection.open({ url: servers.redisUrl, prefix: 'nexus', name: 'test' });
  registry = new Registry(redis);
  await eventually('it is connected', () => registry.read().catch(() => undefined));
});

afterAll(async () => {
  await redis.close();
  await servers.stop();
});

function recordOf(version: number, state: StoredModel['state']): StoredModel {
  const scores = {
    ...{ samples: 1, heldOut: 1, value: 0, baseline: 0, durationErrorMs: 0, coverage: 0, coverageClaimed: 0 },
    gain: { expected: 0, low: 0, high: 0 },
  };
  const nothing = { duration: null, durationOffsets: null, success: null, successOffsets: null };
  return {
    model: {
      ...{ type: 'gather', version, trainedAt: new Date().toISOString(), tree: null, scores },
      choices: [{ choice: 'hierarchical', samples: 1, ...nothing }],
    },
    ...{ state, reason: '', fittedTo: '', promotedAt: '' },
  };
}

async function commit(version: number, more: Partial<ModelCommit> = {}) {
  const { championVersions, champions, rolledBack } = await registry.read();
  const before = champions.get('gather');
  return registry.commit({
    ...{ type: 'gather', trainedTo: `${version}-0`, isPromoted: true, drift: '', back: undefined },
    record: recordOf(version, 'champion'),
    champion: {
      version: championVersions['gather']!,
      record: before && { ...before, state: 'former' },
    },
    rolledBackAt: rolledBack.get('gather') ?? '',
    ...more,
  });
}

const inUse = async () => (await registry.read()).champions.get('gather')?.model.version;

describe('Registry', () => {
  it('forgets a drift when it was learned from, and not one that was noticed meanwhile', async () => {
    await registry.noteDrift('gather');
    const drift = (await registry.read()).drifted.get('gather')!;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await registry.noteDrift('gather');
    await commit(1, { drift });
    const { drifted, learnedFrom } = await registry.read();
    expect([drifted.size, learnedFrom.size]).toEqual([1, 0]);
    await commit(2, { drift: drifted.get('gather')! });
    const later = await registry.read();
    expect([later.drifted.size, later.learnedFrom.get('gather')]).toEqual([0, drifted.get('gather')]);
  });

  it('goes back in one with entering what was trained', async () => {
    const harmful = recordOf(2, 'rolled_back');
    const back = recordOf(1, 'champion');
    const entered = { isPromoted: false, record: recordOf(3, 'rejected'), back };
    expect(await commit(3, { ...entered, champion: { version: '2', record: harmful } })).toMatchObject({
      kind: 'committed',
    });
    expect(await inUse()).toBe(1);
    const states = (await registry.versionsOf('gather')).map(({ state }) => state);
    expect(states).toEqual(['rejected', 'rolled_back', 'champion']);
  });

  it('enters nothing that was trained before a rollback by hand, and notes when that was', async () => {
    const champion = (await registry.read()).champions.get('gather');
    const before = await registry.read();
    await registry.switch('gather', champion, undefined);
    await registry.switch('gather', undefined, champion);
    const late = { rolledBackAt: before.rolledBack.get('gather') ?? '' };
    expect(await commit(4, late)).toMatchObject({ kind: 'conflict' });
    expect((await registry.read()).rolledBack.get('gather')).toMatch(/^\d{13}-\d+$/);
    expect(await commit(4)).toMatchObject({ kind: 'committed' });
  });
});
