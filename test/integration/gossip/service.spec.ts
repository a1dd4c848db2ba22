import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type SharedKey } from '@nexus/contracts';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';

// The endpoints as a stranger uses them: plain JSON on plain NATS.

interface Failure {
  readonly error: { readonly code: string };
}

describe('the gossip service', () => {
  let stack: TestStack;
  let nats: NatsConnection;
  const news: { readonly subject: string; readonly body: Readonly<Record<string, unknown>> }[] = [];

  const ask = async <T>(verb: string, body: object = {}): Promise<T> => {
    const message = await nats.request(`nexus.gossip.${verb}`, JSON.stringify(body), { timeout: 5_000 });
    return message.json<T>();
  };

  interface MembersReply {
    readonly self: string;
    readonly members: readonly Readonly<Record<string, unknown>>[];
    readonly cursor: string | null;
  }
  interface StateReply {
    readonly converged: boolean;
    readonly versions: Readonly<Record<string, number>>;
    readonly waitingFor: readonly string[];
    readonly keys: readonly SharedKey[];
    readonly cursor: string | null;
  }

  const members = (body: object = {}) => ask<MembersReply>('members', body);
  const servicesOf = ({ members: seen }: MembersReply) =>
    seen
      .filter(({ status }) => status === 'alive')
      .map(({ service }) => service)
      .sort();
  const everybody = ['consensus', 'coordinator', 'coordinator', 'gossip', 'gossip', 'routing'];
  /** One of the two that read differently is asked now and then: a few equal answers come from both. */
  const both = async (what: string, look: () => Promise<boolean>) => {
    await eventually(what, async () => {
      const looks = await Promise.all(Array.from({ length: 8 }, look));
      return looks.every(Boolean);
    });
  };

  beforeAll(async () => {
    stack = await startTestStack({
      ...{ coordinators: 2, gossips: 2, replicas: 1 },
      env: { NEXUS_GOSSIP_ROUND_MS: '50' },
    });
    nats = await connect({ servers: stack.natsUrl });
    nats.subscribe('nexus.events.>', {
      callback: (_error, message) => {
        news.push({ subject: message.subject, body: message.json() });
      },
    });
    await both('both see every service', async () => servicesOf(await members()).join() === everybody.join());
  }, 60_000);
  afterAll(async () => {
    await nats?.close();
    await stack?.stop();
  });

  it('tells of every service who it is and how it does, by the contract', async () => {
    await both('all tell how they do', async () =>
      (await members()).members.every(({ vitals }) => vitals !== undefined),
    );
    const reply = await members();
    expect(endpoints.gossipMembers.reply.parse(reply)).toEqual(reply);
    const ids = reply.members.map(({ memberId }) => String(memberId));
    expect(ids).toEqual([...ids].sort());
    expect(ids).toContain(reply.self);
    expect(stack.coordinators.every(({ nodeId }) => ids.includes(nodeId))).toBe(true);
  });

  it('tells it a page at a time, of the kind and the standing that are asked for', async () => {
    const first = await members({ limit: 4 });
    expect(first.members).toHaveLength(4);
    const second = await members({ limit: 4, cursor: first.cursor });
    expect(second).toMatchObject({ cursor: null });
    const all = await members();
    const idsOf = (reply: MembersReply) => reply.members.map(({ memberId }) => memberId);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(all));
    expect((await members({ kind: 'agent' })).members).toEqual([]);
    expect((await members({ status: 'dead' })).members).toEqual([]);
  });

  it('shares what is put, wherever it is asked for, and says when all know it', async () => {
    const put = await ask<SharedKey & { member: string }>('put', { key: 'site', value: { name: 'north' } });
    expect(endpoints.gossipPut.reply.parse(put)).toEqual(put);
    expect(put).toMatchObject({ key: 'site', values: [{ value: { name: 'north' }, by: put.member }] });
    await both('both have it, and say that all know it', async () => {
      const { converged, keys } = await ask<StateReply>('state', { keyPrefix: 'site' });
      return converged && keys.length === 1;
    });
    // Of each reading apart: members tell of themselves all the time, and then some are behind for a round.
    let state!: StateReply;
    await eventually('one says that all know all', async () => {
      state = await ask<StateReply>('state');
      return state.converged;
    });
    expect(endpoints.gossipState.reply.parse(state)).toEqual(state);
    expect(state.waitingFor).toEqual([]);
    expect(Object.keys(state.versions)).toHaveLength(everybody.length);
    expect(Object.values(state.versions).every((version) => version > 0)).toBe(true);
  });

  it('deletes what is shared, whoever keeps it', async () => {
    await ask('put', { key: 'gone.soon', value: 1 });
    const has = async () => (await ask<StateReply>('state', { keyPrefix: 'gone.' })).keys.length === 1;
    await both('both have it', has);
    expect(await ask('delete', { key: 'gone.soon' })).toMatchObject({ values: [], conflict: false });
    await both('neither has it', async () => !(await has()));
  });

  it('lists keys a page at a time, in the order of their names', async () => {
    for (const name of ['c', 'a', 'b']) await ask('put', { key: `page.${name}`, value: name });
    await both(
      'both have them',
      async () => (await ask<StateReply>('state', { keyPrefix: 'page.' })).keys.length === 3,
    );
    const first = await ask<StateReply>('state', { keyPrefix: 'page.', limit: 2 });
    expect(first.keys.map(({ key }) => String(key))).toEqual(['page.a', 'page.b']);
    const second = await ask<StateReply>('state', { keyPrefix: 'page.', limit: 2, cursor: first.cursor });
    expect(second).toMatchObject({ keys: [{ key: 'page.c' }], cursor: null });
  });

  it.each([
    ['a key that is none', 'put', { key: 'a b', value: 1 }, 'invalid_argument'],
    ['a field that it does not know', 'put', { key: 'a', value: 1, ttl: 5 }, 'invalid_argument'],
    ['a put without a value', 'put', { key: 'a' }, 'invalid_argument'],
    ['a clock of what never was', 'put', { key: 'a', value: 1, clock: { x: 1e15 } }, 'invalid_argument'],
    ['a value above the bound', 'put', { key: 'a', value: 'x'.repeat(9_000) }, 'payload_too_large'],
    ['an endless page', 'state', { limit: 1_001 }, 'invalid_argument'],
  ])('refuses %s', async (_, verb, body, code) => {
    expect((await ask<Failure>(verb, body)).error.code).toBe(code);
  });

  it('publishes who leads, and how far snapshots and route tables are', async () => {
    const [replica] = stack.replicas;
    const leaderId = replica!.nodeId;
    const { MeshMember } = await import('@nexus/mesh');
    const mesh = stack.gossips[0]!.running.app.get(MeshMember, { strict: false });
    await eventually('the leader is known', () => {
      const hint = mesh.get(leaderId, 'leader') as { leader: string | null; term: number } | undefined;
      return hint?.leader === 'consensus-1' && hint.term > 0;
    });
    await eventually('the snapshot is known', () => Number(mesh.get(leaderId, 'snapshot')) >= 1);
    for (const { nodeId } of [...stack.routings, ...stack.coordinators]) {
      await eventually('the position is known', () => /^.+:\d+$/.test(String(mesh.get(nodeId, 'routes'))));
      expect(mesh.get(nodeId, 'version')).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('tells once that a service left, and goes on when the one that tells is gone', async () => {
    const [spokesman, other] = [...stack.gossips].sort((one, two) => (one.nodeId < two.nodeId ? -1 : 1));
    const leftOf = (nodeId: string) =>
      news.filter(
        ({ subject, body }) => subject === 'nexus.events.member.left' && body['memberId'] === nodeId,
      );
    const [, second] = stack.coordinators;
    await second!.close();
    await eventually('it is told', () => leftOf(second!.nodeId).length > 0);
    expect(leftOf(second!.nodeId)).toEqual([
      expect.objectContaining({
        body: expect.objectContaining({ service: 'coordinator', reason: 'left', by: spokesman!.nodeId }),
      }),
    ]);
    await spokesman!.close();
    await eventually('the other one tells', () => leftOf(spokesman!.nodeId).length > 0);
    expect(leftOf(spokesman!.nodeId)).toEqual([
      expect.objectContaining({ body: expect.objectContaining({ by: other!.nodeId }) }),
    ]);
    expect((await members({ status: 'left' })).members).toHaveLength(2);
  });
});
