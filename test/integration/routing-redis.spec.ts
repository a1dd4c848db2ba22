import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  RedisConnection,
  RedisOutcomeStore,
  RedisRoundRobinCounter,
  RedisScript,
} from '@nexus/platform/redis';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';

let servers: TestServers;
let first: RedisConnection;
let second: RedisConnection;

const open = (name: string) =>
  RedisConnection.open({ url: servers.redisUrl, prefix: 'nexus', name, commandTimeoutMs: 10_000 });

beforeAll(async () => {
  servers = await startTestServers({ redis: true });
  first = open('first');
  second = open('second');
  await Promise.all([first.whenConnected(5_000), second.whenConnected(5_000)]);
});

afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await servers.stop();
});

describe('RedisRoundRobinCounter', () => {
  it('hands out every number once when two connections take 10,000 in parallel', async () => {
    const counters = [new RedisRoundRobinCounter(first), new RedisRoundRobinCounter(second)] as const;
    const taken = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) =>
        counters[index % 2 === 0 ? 0 : 1].take('group:workers', 1),
      ),
    );
    expect(taken.sort((left, right) => left - right)).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  });

  it('reserves blocks that do not overlap', async () => {
    const counter = new RedisRoundRobinCounter(first);
    expect(await counter.take('all', 5)).toBe(0);
    expect(await counter.take('all', 1)).toBe(5);
  });

  it.each(['ids:0123456789abcdef', 'group:of-one-day', 'capability:rare', 'all'])(
    'lets the counter of %s go a day after its last use',
    async (targetSet) => {
      const key = `{nexus}:rr:${targetSet}`;
      const counter = new RedisRoundRobinCounter(first);
      await counter.take(targetSet, 1);
      await first.run((redis) => redis.persist(key));
      await counter.take(targetSet, 1);
      expect(await first.run((redis) => redis.pttl(key))).toBeGreaterThan(23 * 3_600_000);
    },
  );

  it('refuses a target set that could leave its keys', async () => {
    await expect(new RedisRoundRobinCounter(first).take('group:a b', 1)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});

describe('RedisOutcomeStore', () => {
  const fingerprint = 'f1';
  const lease = { fingerprint, leaseMs: 60_000 };
  const named = (requestId: string) => ({ user: 'u', requestId });

  it('gives a request to one owner alone, and its outcome to every repeat', async () => {
    const name = named('once {*}\\n~');
    const stores = [new RedisOutcomeStore(first), new RedisOutcomeStore(second)] as const;
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        stores[n % 2 === 0 ? 0 : 1].claim({ ...name, ...lease, owner: `o${n}` }),
      ),
    );
    expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    const owner = `o${claims.findIndex(({ kind }) => kind === 'claimed')}`;
    for (const claim of claims) if (claim.kind === 'running') expect(claim.owner).toBe(owner);
    const other = await stores[1].claim({ ...name, ...lease, owner: 'other' });
    expect(other).toEqual({ kind: 'running', owner });

    const outcome = Uint8Array.from([0, 255, 128, 10]);
    const completed = { ...name, fingerprint, outcome, keepMs: 60_000 };
    expect(await stores[0].complete({ ...completed, owner: 'stranger' })).toBe(false);
    expect(await stores[0].complete({ ...completed, owner })).toBe(true);
    expect(await stores[1].release({ ...name, owner })).toBe(false);
    const repeat = await stores[1].claim({ ...name, ...lease, owner: 'late' });
    expect(repeat.kind === 'done' && Uint8Array.from(repeat.outcome)).toEqual(outcome);
    expect((await stores[0].claim({ ...name, ...lease, owner: 'later' })).kind).toBe('done');
  });

  it('calls the same id with other content a conflict, and tells users apart', async () => {
    const store = new RedisOutcomeStore(first);
    await store.claim({ ...named('r'), ...lease, owner: 'a' });
    expect(await store.claim({ ...named('r'), ...lease, fingerprint: 'f2', owner: 'b' })).toEqual({
      kind: 'conflict',
    });
    expect(await store.claim({ user: 'v', requestId: 'r', ...lease, owner: 'b' })).toEqual({
      kind: 'claimed',
    });
  });

  it('is free again when its owner gives it back or dies', async () => {
    const store = new RedisOutcomeStore(first);
    await store.claim({ ...named('back'), ...lease, owner: 'a' });
    expect(await store.release({ ...named('back'), owner: 'b' })).toBe(false);
    expect(await store.release({ ...named('back'), owner: 'a' })).toBe(true);
    expect(await store.claim({ ...named('back'), ...lease, owner: 'b' })).toEqual({ kind: 'claimed' });

    await store.claim({ ...named('dead'), ...lease, leaseMs: 1, owner: 'a' });
    await eventually('the lease runs out', async () => {
      const { kind } = await store.claim({ ...named('dead'), ...lease, owner: 'b' });
      return kind === 'claimed';
    });
    const late = { ...named('dead'), fingerprint, owner: 'a', outcome: 'late', keepMs: 1_000 };
    expect(await store.complete(late)).toBe(false);
  });
});

describe('RedisConnection', () => {
  it('tells our own mistakes from an outage', async () => {
    const nonsense = new RedisScript('return redis.call("NOPE")');
    await expect(first.script(nonsense, { keys: [], args: [] })).rejects.toMatchObject({ code: 'internal' });
  });

  it('refuses commands at once while Redis is down, and works again when it is back', async () => {
    const counter = new RedisRoundRobinCounter(first);
    await counter.take('group:outage', 1);
    servers.redis.kill('SIGKILL');
    await expect(counter.take('group:outage', 1)).rejects.toMatchObject({ code: 'unavailable' });
    await servers.redis.restart();
    await first.whenConnected(10_000);
    await expect(counter.take('group:outage', 1)).resolves.toEqual(expect.any(Number));
  });
});

describe('RedisConnection, at its time limit', () => {
  let hasty: RedisConnection;

  beforeAll(async () => {
    hasty = RedisConnection.open({
      url: servers.redisUrl,
      prefix: 'nexus',
      name: 'hasty',
      commandTimeoutMs: 250,
    });
    await hasty.whenConnected(5_000);
  });

  afterAll(async () => {
    await hasty.close();
    servers.redis.kill('SIGCONT');
  });

  it('takes a reply for late only when it has not arrived, however busy this process was', async () => {
    await hasty.run((redis) => redis.ping());
    const reply = hasty.run((redis) => redis.ping());
    await new Promise(setImmediate);
    for (const until = performance.now() + 1_500; performance.now() < until;);
    await expect(reply).resolves.toBe('PONG');
  });

  it('gives up on a Redis that hangs, and is served again once it goes on', async () => {
    servers.redis.kill('SIGSTOP');
    const commands = Array.from({ length: 20 }, () => hasty.run((redis) => redis.ping()));
    const outcomes = await Promise.allSettled(commands);
    expect(outcomes).toEqual(
      commands.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: 'unavailable' }) })),
    );
    await eventually('it connects anew', () => !hasty.connected);
    servers.redis.kill('SIGCONT');
    await hasty.whenConnected(10_000);
    await eventually('it is served', () => hasty.run((redis) => redis.ping()).catch(() => undefined));
  });
});
