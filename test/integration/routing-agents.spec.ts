import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints } from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { idle, RoutingRig } from './routing/rig.js';

let rig: RoutingRig;
let heard: string[];

beforeAll(async () => {
  rig = await RoutingRig.start();
  heard = rig.listen();
  await rig.addReplica({ heartbeatMs: 100, ttlMs: 600 });
});

afterAll(() => rig.stop());

describe('registering', () => {
  it('answers with a token, the times and the inbox, and the agent can be asked for at once', async () => {
    const reply = await rig.register('alpha', { groups: ['workers', 'workers'], weight: 3 });
    expect(reply).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      ttlMs: 600,
      heartbeatMs: 100,
      inbox: 'nexus.agent.alpha',
    });
    expect(await rig.get('alpha')).toMatchObject({
      agentId: 'alpha',
      groups: ['workers'],
      weight: 3,
      health: 'alive',
      lastSeenAt: expect.any(String),
    });
    await rig.heartbeat('alpha', reply.token);
    expect(await rig.get('alpha')).toMatchObject({ load: idle });
    await rig.deregister('alpha', reply.token);
  });

  it('refuses an id that is in use, says when it is free, and lets its owner replace it', async () => {
    const { token } = await rig.register('beta');
    await expect(rig.register('beta')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/free after \d+ ms/),
      retryAfterMs: expect.any(Number),
    });
    const again = await rig.register('beta', { token, groups: ['moved'] });
    expect(again.token).toBe(token);
    expect(await rig.get('beta')).toMatchObject({ groups: ['moved'] });
    await rig.deregister('beta', token);
  });

  it('knows an agent with a token of its own making, although the first answer was lost', async () => {
    const token = 'of-its-own-making-0123456789';
    await rig.register('beta', { token });
    const again = await rig.register('beta', { token });
    expect(again.token).toBe(token);
    await expect(rig.register('beta')).rejects.toMatchObject({ code: 'conflict' });
    await rig.deregister('beta', token);
  });

  it('gives an id that is in use to no other token', async () => {
    const { token } = await rig.register('beta', { groups: ['own'] });
    const foreign = { token: 'a-foreign-token-012345', groups: ['stolen'] };
    await expect(rig.register('beta', foreign)).rejects.toMatchObject({
      code: 'conflict',
      retryAfterMs: expect.any(Number),
    });
    await rig.heartbeat('beta', token);
    expect(await rig.get('beta')).toMatchObject({ groups: ['own'], health: 'alive' });
    await rig.deregister('beta', token);
  });

  it.each(['too-short-to-be-a-key', 'x'.repeat(129), 'with=characters+of/others', `${'x'.repeat(22)}\n`])(
    'refuses the token %j',
    async (token) => {
      await expect(rig.register('beta', { token })).rejects.toMatchObject({
        code: 'invalid_argument',
        details: [expect.objectContaining({ path: 'token' })],
      });
    },
  );

  it('stores no token, neither in Redis nor in the answers', async () => {
    const { token } = await rig.register('gamma');
    const stored = await rig.redis.run((redis) => redis.hgetall('{nexus}:routes:row:gamma'));
    expect(JSON.stringify(stored)).not.toContain(token);
    expect(JSON.stringify(await rig.get('gamma'))).not.toContain(String(stored['tokenHash']));
    await rig.deregister('gamma', token);
  });
});

describe('heartbeats and leaving', () => {
  it('tell a stranger from an agent that has to register again', async () => {
    const { token } = await rig.register('delta');
    await expect(rig.heartbeat('delta', 'wrong')).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(rig.deregister('delta', 'wrong')).rejects.toMatchObject({ code: 'unauthorized' });
    await rig.deregister('delta', token);
    await expect(rig.heartbeat('delta', token)).rejects.toMatchObject({ code: 'not_found' });
    await expect(rig.get('delta')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('leave nothing behind in Redis', async () => {
    const { token } = await rig.register('eps', { groups: ['g1'] });
    await rig.deregister('eps', token);
    const keys = await rig.redis.run((redis) => redis.keys('{nexus}:routes:*'));
    expect(keys.filter((key) => key.includes('eps') || key.includes('g1'))).toEqual([]);
  });
});

describe('a silent agent', () => {
  it('is suspected, then gone, and its id is free again; one that speaks in between recovers', async () => {
    const follower = await rig.follow();
    const gone: string[] = [];
    follower.onAgentGone((agentId, reason) => gone.push(`${agentId} ${reason}`));
    const silent = await rig.register('silent');
    const late = await rig.register('late');
    const liveness = () => follower.table.get('late')?.liveness;
    await eventually('suspicion', () => liveness() === 'suspected');
    await rig.heartbeat('late', late.token);
    await eventually('it counts as alive again', () => liveness() === 'alive');
    await eventually('the silent one is gone', () => gone.includes('silent gone'));
    await expect(rig.heartbeat('silent', silent.token)).rejects.toMatchObject({ code: 'not_found' });
    const again = await rig.register('silent');
    expect(again.token).not.toBe(silent.token);
    await eventually(
      'both events',
      () => heard.includes('agent.left silent') && heard.includes('agent.recovered late'),
    );
    const ofSilent = heard.filter((event) => event.endsWith(' silent')).slice(0, 3);
    expect(ofSilent).toEqual(['agent.joined silent', 'agent.suspected silent', 'agent.left silent']);
  });
});

describe('an agent that used to beat regularly', () => {
  it('is suspected before its time to live is over, and its suspicion is told meanwhile', async () => {
    const patient = await RoutingRig.start();
    try {
      // So long that even a busy machine gets round to the suspicion of a quick one.
      const ttlMs = 10_000;
      await patient.addReplica({ heartbeatMs: 50, ttlMs });
      const follower = await patient.follow();
      // Until the replica's pause at its start is over, so that so long a time to live is known not to be needed.
      const token = 'of-its-own-making-0123456789';
      await patient.register('steady', { token });
      const pauseEndsMs = performance.now() + ttlMs;
      while (performance.now() < pauseEndsMs) await patient.heartbeat('steady', token);
      const silentSince = Date.now();
      await eventually('suspicion', () => follower.table.get('steady')?.liveness === 'suspected');
      expect(Date.now() - silentSince).toBeLessThan(ttlMs);
      expect((await patient.get('steady')).suspicion).toBeGreaterThanOrEqual(8);
      await patient.heartbeat('steady', token);
      expect((await patient.get('steady')).suspicion).toBeLessThan(8);
      await patient.deregister('steady', token);
    } finally {
      await patient.stop();
    }
  });
});

describe('listing', () => {
  it('pages through a group in the order of ids', async () => {
    const ids = Array.from({ length: 25 }, (_, n) => `p-${String(n).padStart(2, '0')}`);
    await Promise.all(ids.map((id) => rig.live(id, 150, ['paged'])));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await rig.caller.call(
        endpoints.agentsList,
        {},
        { group: 'paged', limit: 10, ...(cursor === undefined ? {} : { cursor }) },
        { timeoutMs: 5_000 },
      );
      seen.push(...page.agents.map(({ agentId }) => agentId));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });
});
