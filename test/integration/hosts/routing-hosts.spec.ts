import { setTimeout as pause } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type HostedAgent, type HostHeartbeatRequest } from '@nexus/contracts';
import { type RouteFollower } from '@nexus/routes';
import { eventually } from '@nexus/testing';
import { tokenHashOf } from '@nexus/wire';
import { codeOf, RoutingRig } from '../routing/rig.js';

const heartbeatMs = 100;
const ttlMs = 600;
const timeoutMs = 10_000;

let rig: RoutingRig;
let follower: RouteFollower;
let hosts = 0;

/** A host as its process would speak, message by message. */
class Host {
  readonly hostId = `host-${hosts++}`;
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly token = randomBytes(16).toString('base64url')) {}

  id(index: number): string {
    return `${this.hostId}-${index}`;
  }

  ids(count: number): string[] {
    return Array.from({ length: count }, (_, index) => this.id(index));
  }

  register(agentIds: readonly string[], over: Partial<HostedAgent> = {}, hostId = this.hostId) {
    const agents = agentIds.map((agentId) => ({ agentId, groups: [`of-${this.hostId}`], ...over }));
    return rig.caller.call(endpoints.hostsRegister, { hostId }, { token: this.token, agents }, { timeoutMs });
  }

  beat(agents: HostHeartbeatRequest['agents'] | readonly object[] = []) {
    const request = { token: this.token, cpu: 0.25, memory: 0.5, agents: agents as never };
    return rig.caller.call(endpoints.hostsHeartbeat, { hostId: this.hostId }, request, { timeoutMs });
  }

  leave(agents?: readonly string[]) {
    const request = { token: this.token, ...(agents && { agents: [...agents] }) };
    return rig.caller.call(endpoints.hostsDeregister, { hostId: this.hostId }, request, { timeoutMs });
  }

  live(): void {
    this.timer = setInterval(() => void this.beat().catch(() => undefined), heartbeatMs);
  }

  silence(): void {
    clearInterval(this.timer);
  }

  get routes() {
    return follower.table.resolve({ kind: 'group', group: `of-${this.hostId}` }).agents;
  }
}

const keys = () => rig.redis.run((redis) => redis.keys('{nexus}:routes:*'));
const inRedis = async (host: Host) => (await keys()).filter((key) => key.includes(host.hostId));

beforeAll(async () => {
  rig = await RoutingRig.start();
  await rig.addReplica({ heartbeatMs, ttlMs });
  follower = await rig.follow();
});

afterAll(() => rig.stop());

describe('agents of a host', () => {
  it('join with one message, and the table tells how they are addressed', async () => {
    const host = new Host();
    const reply = await host.register(host.ids(450), { relay: true, weight: 2 });
    expect(reply).toEqual({ ttlMs, heartbeatMs, inbox: `nexus.host.${host.hostId}`, refused: [] });
    await eventually('all are in the table', () => host.routes.length === 450);
    expect(host.routes[0]).toMatchObject({
      host: host.hostId,
      groupSubjects: true,
      relay: true,
      weight: 2,
      liveness: 'alive',
      tokenHash: tokenHashOf(host.token),
    });
    expect(await rig.get(host.id(0))).toMatchObject({ host: host.hostId, groupSubjects: true, relay: true });
    await host.leave();
  });

  it('that say the same again change nothing', async () => {
    const host = new Host();
    await host.register(host.ids(3));
    const before = await eventually('they are in the table', () => host.routes.length === 3 && host.routes);
    await host.register(host.ids(3));
    await host.register([host.id(1)], { weight: 3 });
    await eventually('the one that changed has', () => host.routes[1]?.weight === 3);
    expect([host.routes[0], host.routes[2]]).toEqual([before[0], before[2]]);
    await host.leave();
  });

  it('are refused each by itself where their id is in use', async () => {
    const [host, other] = [new Host(), new Host()];
    await rig.register(host.id(1));
    await other.register([host.id(2)]);
    const { refused } = await host.register(host.ids(4));
    expect(refused).toEqual([
      { agentId: host.id(1), code: 'conflict', message: expect.stringContaining('in use') },
      { agentId: host.id(2), code: 'conflict', message: expect.stringContaining('in use') },
    ]);
    await host.leave();
    await other.leave();
  });

  it('live by one heartbeat, which says how many there are, and show their loads', async () => {
    const host = new Host();
    await host.register(host.ids(3));
    host.live();
    await pause(2 * ttlMs);
    host.silence();
    const busy = { agentId: host.id(1), queueDepth: 4, active: 2 };
    expect(await host.beat([busy])).toEqual({ agents: 3 });
    expect(await rig.get(host.id(1))).toMatchObject({
      health: 'alive',
      load: { cpu: 0.25, memory: 0.5, queueDepth: 4, active: 2 },
      suspicion: expect.any(Number),
    });
    expect(await rig.get(host.id(0))).toMatchObject({ load: { queueDepth: 0, active: 0 } });
    await host.leave();
  });

  it('are suspected together when it falls silent, recover with it, and are gone in the end', async () => {
    const host = new Host();
    const count = 450;
    await host.register(host.ids(count));
    const heard = rig.listen();
    const all = (liveness: string) =>
      host.routes.length === count && host.routes.every((route) => route.liveness === liveness);
    await eventually('all are suspected', () => all('suspected'));
    await host.beat();
    await eventually('all are back', () => all('alive'));
    await eventually('all are gone', () => host.routes.length === 0);
    const of = (name: string) => heard.filter((event) => event.startsWith(`${name} ${host.hostId}-`)).length;
    expect([of('agent.suspected'), of('agent.recovered'), of('agent.left')]).toEqual([900, 450, 450]);
    expect(await inRedis(host)).toEqual([]);
    expect(await host.beat().catch(codeOf)).toBe('not_found');
  });

  it('leave one by one or all at once, and leave nothing behind', async () => {
    const host = new Host();
    const stranger = new Host();
    await host.register(host.ids(450));
    await stranger.register([stranger.id(0)]);
    await host.leave([host.id(0), stranger.id(0), 'nobody']);
    expect(await host.beat()).toEqual({ agents: 449 });
    expect(await stranger.beat()).toEqual({ agents: 1 });
    await host.leave();
    await eventually('none is left', () => host.routes.length === 0);
    expect(await inRedis(host)).toEqual([]);
    expect(await rig.redis.run((redis) => redis.hexists('{nexus}:routes:hosts', host.hostId))).toBe(0);
    await stranger.leave();
  });
});

describe('the token of a host', () => {
  it('is that of all its agents, until the last one is gone', async () => {
    const host = new Host();
    const thief = Object.assign(new Host(), { hostId: host.hostId });
    await host.register(host.ids(2));
    expect(await thief.register([`${host.hostId}-x`]).catch(codeOf)).toBe('conflict');
    expect(await thief.beat().catch(codeOf)).toBe('unauthorized');
    expect(await thief.leave().catch(codeOf)).toBe('unauthorized');
    const alone = { host: host.hostId, groups: [] };
    expect(await rig.register(`${host.hostId}-y`, alone as never).catch(codeOf)).toBe('conflict');
    await host.leave();
    expect((await thief.register([`${host.hostId}-x`])).refused).toEqual([]);
    await thief.leave();
  });

  it('is enough for an agent to join alone, to beat for all, and to leave alone', async () => {
    const host = new Host();
    await host.register([host.id(0)]);
    const alone = { host: host.hostId, token: host.token };
    const { inbox } = await rig.register(host.id(1), alone);
    expect(inbox).toBe(`nexus.host.${host.hostId}.${host.id(1)}`);
    expect(await host.beat()).toEqual({ agents: 2 });
    for (let beat = 0; beat < 12; beat += 1) {
      await rig.heartbeat(host.id(1), host.token);
      await pause(heartbeatMs);
    }
    expect(await rig.get(host.id(0))).toMatchObject({ health: 'alive' });
    await rig.deregister(host.id(0), host.token);
    await rig.deregister(host.id(1), host.token);
    expect(await host.beat().catch(codeOf)).toBe('not_found');
    expect(await inRedis(host)).toEqual([]);
  });

  it('is let go by an agent that registers without it', async () => {
    const host = new Host();
    await host.register([host.id(0)]);
    await rig.register(host.id(0), { token: host.token });
    await eventually('it is on its own', () => follower.table.get(host.id(0))?.host === undefined);
    expect(await host.beat().catch(codeOf)).toBe('not_found');
    await rig.deregister(host.id(0), host.token);
  });
});

describe('a wiped Redis', () => {
  it('gets its hosts back from memory', async () => {
    const host = new Host();
    await host.register(host.ids(250));
    host.live();
    await eventually('all are in the table', () => host.routes.length === 250);
    await rig.redis.run((redis) => redis.flushall());
    await eventually(
      'they are in Redis',
      async () => (await host.beat().catch(() => undefined))?.agents === 250,
    );
    expect(host.routes.every(({ liveness }) => liveness === 'alive')).toBe(true);
    host.silence();
    await host.leave();
  });
});
