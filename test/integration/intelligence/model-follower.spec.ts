import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type IntelligenceSnapshot } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { ModelFollower } from '../../../apps/coordinator/src/intelligence/model-follower.js';

let servers: TestServers;
let connection: Connection;
let nats: NatsConnection;
let nowMs = 0;
let follower: ModelFollower;
const drops = { malformedInternal: 0 };
/** What the service answers; undefined: it is there, and cannot. */
let served: Partial<IntelligenceSnapshot> | undefined;
let loads = 0;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  connection = await Connection.open({ servers: servers.natsUrl, name: 'test' });
  nats = await connect({ servers: servers.natsUrl });
  nats.subscribe('nexus.int.intelligence.snapshot', {
    callback: (_, message) => {
      loads += 1;
      if (served) message.respond(JSON.stringify(snapshotOf(served)));
      else message.respond('{}');
    },
  });
  await nats.flush();
});

afterEach(() => follower.stop());

afterAll(async () => {
  await connection.close();
  await nats.close();
  await servers.stop();
});

const snapshotOf = (of: Partial<IntelligenceSnapshot>): IntelligenceSnapshot => ({
  ...{ epoch: 'e1', revision: 1, strategies: [], latency: null, probation: [], demotions: [] },
  ...of,
});

const revisions: string[] = [];

async function started(first: Partial<IntelligenceSnapshot> | undefined) {
  [served, nowMs, loads] = [first, 0, 0];
  revisions.length = 0;
  follower = new ModelFollower({
    ...{ connection, prefix: 'nexus', drops, staleAfterMs: 10_000, untrainedMsMax: 60_000 },
    caller: new Caller(connection, new ReplyInbox(connection), 'nexus'),
    now: () => nowMs,
  });
  follower.follow(({ epoch, revision }) => revisions.push(`${epoch} ${revision}`));
  await eventually('it has asked', () => loads > 0);
}

const beacon = async (body: object) => {
  nats.publish('nexus.int.intelligence.beacon', JSON.stringify(body));
  await nats.flush();
  await connection.nats.flush();
  await new Promise((resolve) => setTimeout(resolve, 50));
};
const say = (revision: number, epoch = 'e1', trainedAgeMs: number | null = 0) =>
  beacon({ epoch, revision, trainedAgeMs });

describe('ModelFollower', () => {
  it('loads what is new, and is fresh while somebody says that it is what is in use', async () => {
    await started({ revision: 1 });
    await eventually('it has loaded', () => follower.everHeard);
    await say(1);
    expect(follower.isStale).toBe(false);
    served = { revision: 2 };
    await say(2);
    await eventually('it has loaded', () => revisions.at(-1) === 'e1 2');
    nowMs = 10_001;
    expect(follower.isStale).toBe(true);
    await say(2);
    expect(follower.isStale).toBe(false);
  });

  it('is stale when what is in use cannot be loaded, however loudly it is told of', async () => {
    await started({ revision: 1 });
    await say(1);
    served = undefined;
    for (nowMs = 0; nowMs <= 12_000; nowMs += 3_000) await say(2);
    expect(follower.isStale).toBe(true);
    expect(revisions.at(-1)).toBe('e1 1');
  });

  it('is stale when nothing was trained for too long, although the service is there', async () => {
    await started({ revision: 1 });
    await say(1, 'e1', 59_000);
    expect(follower.isStale).toBe(false);
    nowMs = 2_000;
    await say(1, 'e1', 61_000);
    expect(follower.isStale).toBe(true);
    await say(1);
    expect(follower.isStale).toBe(false);
  });

  it('does not go back to what a replica says that is cut off, and begins anew where all was lost', async () => {
    await started({ revision: 7 });
    await say(7);
    served = { revision: 3 };
    await say(3);
    await say(8);
    expect(revisions.at(-1)).toBe('e1 7');
    nowMs = 10_001;
    await say(3);
    expect(follower.isStale).toBe(true);
    served = { epoch: 'e2', revision: 1 };
    await say(1, 'e2');
    await eventually('it has loaded', () => revisions.at(-1) === 'e2 1');
    expect(follower.isStale).toBe(false);
  });

  it('counts what cannot be read, and goes on', async () => {
    await started({ revision: 1 });
    const before = drops.malformedInternal;
    await beacon({ revision: 'many' });
    nats.publish('nexus.int.intelligence.beacon', 'no JSON');
    await say(1);
    expect(drops.malformedInternal).toBe(before + 2);
    expect(follower.isStale).toBe(false);
  });

  it('keeps out a model that is none, and takes the others', async () => {
    const scores = { samples: 1, heldOut: 1, value: 1, baseline: 1, gain: { expected: 0, low: 0, high: 0 } };
    const model = (type: 'gather' | 'broadcast', tree: unknown) => ({
      ...{ type, version: 1, trainedAt: '2026-01-01T00:00:00.000Z', tree },
      choices: [{ ...nothing, choice: 'foundation' as const, samples: 0 }],
      scores: { ...scores, durationErrorMs: 1, coverage: 1, coverageClaimed: 1 },
    });
    await started({
      strategies: [model('gather', { format: 'strategy/1', evil: true }), model('broadcast', null)],
    });
    await eventually('it has loaded', () => follower.strategy('broadcast'));
    expect(follower.strategy('gather')).toBeUndefined();
  });
});

const nothing = { duration: null, durationOffsets: null, success: null, successOffsets: null };
