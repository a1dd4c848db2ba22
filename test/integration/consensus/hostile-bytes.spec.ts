import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type Endpoint } from '@nexus/contracts';
import { type MemberId } from '@nexus/core/raft';
import { Drops } from '@nexus/platform/nats';
import { encodeBody } from '@nexus/wire';
import { Connection } from '@nexus/wire';
import { eventually } from '@nexus/testing';
import { NatsPeerLink } from '../../../apps/consensus/src/transport/nats-peer-link.js';
import { ConsensusGroup } from './consensus-group.js';

const endpointsOfConsensus = Object.values(endpoints as Record<string, Endpoint>).filter(
  ({ service }) => service === 'consensus',
);

describe('a group under hostile bytes', () => {
  let group: ConsensusGroup;
  let follower: string;

  beforeAll(async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    follower = await group.follower();
  });
  afterAll(() => group.stop());

  /** The same leader in the same term, and it serves. */
  async function goesOn(work: () => Promise<void>): Promise<void> {
    const before = await group.settled();
    await work();
    const after = await group.settled();
    expect({ leader: after.leader, term: after.term }).toEqual({ leader: before.leader, term: before.term });
    const value = Math.random();
    await group.propose({ type: 'put', key: 'alive', value });
    expect(await group.read({ key: 'alive' })).toMatchObject({ value });
    expect(group.failures.size).toBe(0);
  }

  async function dropped(counter: string): Promise<number> {
    let sum = 0;
    for (const service of group.running.values())
      sum += service.running.app.get(Drops).figures()[counter] ?? 0;
    return sum;
  }

  it.each(['raft', 'forward', 'answer'])(
    'drops and counts garbage on its internal subject %s',
    async (leaf) => {
      const before = await dropped('malformedInternal');
      await goesOn(async () => {
        for (let n = 0; n < 200; n += 1) {
          group.nats.publish(`nexus.int.consensus.${follower}.${leaf}`, randomBytes(n * 7));
          group.nats.publish(
            `nexus.int.consensus.${follower}.${leaf}`,
            encodeBody({ items: [n], cluster: 'nexus' }, 'msgpack'),
          );
        }
        await group.nats.flush();
        await eventually(
          'all were counted',
          async () => (await dropped('malformedInternal')) >= before + 200,
        );
      });
    },
  );

  it('drops and counts garbage among the hellos', async () => {
    const before = await dropped('malformedInternal');
    await goesOn(async () => {
      for (const bytes of ['', '{', '[]', '{"cluster":"nexus"}', randomBytes(2_000)]) {
        group.nats.publish('nexus.int.consensus.hello', bytes);
      }
      await group.nats.flush();
      await eventually('all were counted', async () => (await dropped('malformedInternal')) >= before + 15);
    });
  });

  it('lets no command into the log that is none', async () => {
    await goesOn(async () => {
      const leader = await group.leader();
      const commands = [{ type: 'nonsense' }, { type: 'put' }, null, { type: 'put', key: '../x', value: 1 }];
      const before = await dropped('malformedInternal');
      for (const command of commands) {
        const items = [{ id: 1, work: { kind: 'propose', command } }];
        const batch = { cluster: 'nexus', from: follower, asker: 'x', items };
        group.nats.publish(`nexus.int.consensus.${leader}.forward`, encodeBody(batch, 'msgpack'));
      }
      await group.nats.flush();
      await eventually('all were counted', async () => (await dropped('malformedInternal')) >= before + 4);
    });
  });

  it('drops what comes from another cluster, another group, or is meant for another member', async () => {
    const connection = await Connection.open({ servers: group.servers.natsUrl, name: 'foreign' });
    const self = (await group.statusOf(follower)).storeId;
    const to = `${follower}.${self}` as MemberId;
    const origin = { cluster: 'nexus', group: 'decisions', from: 'evil.store' as MemberId, incarnation: 'i' };
    const link = (fields: Partial<typeof origin>) =>
      new NatsPeerLink({
        ...{ connection, prefix: 'nexus', drops: new Drops() },
        origin: { ...origin, ...fields },
      });
    const newTerm = {
      kind: 'vote_request',
      term: 1_000,
      lastIndex: 1_000,
      lastTerm: 999,
      transfer: true,
    } as const;
    try {
      const before = await dropped('foreignInternal');
      await goesOn(async () => {
        link({ cluster: 'other' }).send(to, newTerm);
        link({ group: 'other' }).send(to, newTerm);
        link({}).send(`${follower}.other` as MemberId, newTerm);
        link({ from: to }).send(to, newTerm);
        await connection.flush();
        await eventually('all were counted', async () => (await dropped('foreignInternal')) >= before + 4);
      });
    } finally {
      await connection.close();
    }
  });

  it.each(endpointsOfConsensus.map(({ name, template }) => [name, template] as const))(
    'answers garbage on %s with a typed error',
    async (_name, template) => {
      const subject = template.replace('{replicaId}', follower);
      for (const body of ['{', '[]', '"x"', '{"no":"such field"}', Buffer.from([0xff, 0xfe])]) {
        expect(await group.fault(subject, body)).toMatchObject({ code: 'invalid_argument' });
      }
      const deep = `{"command":${'['.repeat(100)}${']'.repeat(100)}}`;
      expect(await group.fault(subject, deep)).toMatchObject({ code: 'invalid_argument' });
      const large = JSON.stringify({ command: 'x'.repeat(300 * 1_024) });
      expect(await group.fault(subject, large)).toMatchObject({ code: 'payload_too_large' });
    },
  );
});

describe('two clusters on one broker', () => {
  it('do not hear each other, as each has a prefix of its own', async () => {
    const group = await ConsensusGroup.start({ timing: 'lan', replicas: ['c1'] });
    try {
      // Of the same name, even.
      const { running } = group;
      const one = running.get('c1')!;
      const other = await group.startReplica('c1', {
        NEXUS_CONSENSUS_REPLICAS: 'c1',
        NEXUS_PREFIX: 'other',
      });
      running.set('c1', one).set('other', other);
      const status = await eventually('the other one leads a group of its own', async () => {
        const reply = await group.nats.request('other.consensus.c1.status', '{}', { timeout: 2_500 });
        const { role, storeId } = reply.json<{ role: string; storeId: string }>();
        return role === 'leader' && { storeId };
      });
      await group.propose({ type: 'put', key: 'a', value: 1 });
      const reply = await group.nats.request('other.consensus.read', '{"key":"a"}', { timeout: 2_500 });
      expect(reply.json()).toMatchObject({ version: 0 });
      const { storeId, role, newcomers } = await group.statusOf('c1');
      expect({ role, newcomers }).toEqual({ role: 'leader', newcomers: [] });
      expect(storeId).not.toBe(status.storeId);
      expect(group.failures.size).toBe(0);
    } finally {
      await group.stop();
    }
  });
});
