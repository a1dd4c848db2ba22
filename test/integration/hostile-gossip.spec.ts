import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints } from '@nexus/contracts';
import { type DigestEntry, type MemberId, type Message } from '@nexus/core/gossip';
import { MeshMember } from '@nexus/mesh';
import { Agent, NexusClient } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { MessageCodec } from '../../libs/mesh/codec/message-codec.js';
import { type Body, type Delivery } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';
import { ServiceFigures } from './support/service-figures.js';

// The whole stack under what a stranger on the broker can send, while others are served: every attack is refused and
// counted, what it named is nowhere to be found, and nobody else notices.

const codec = new MessageCodec();
const honest = ['honest-1', 'honest-2', 'honest-3'];
const coordinateRetries = { retry: false } as const;

let scene: ScriptedStack;
let client: NexusClient;
const agents: Agent[] = [];
/** The broadcasts that each agent was handed. */
const heard = new Map<string, number[]>(honest.map((id) => [id, []]));
let told = 0;
/** What the hostile agent says beside its answers. */
let said: Body = {};

const answer = ({ agentId, raw }: Delivery): void =>
  raw(JSON.stringify({ agentId, ok: true, data: null, ...said }));

beforeAll(async () => {
  scene = await startScriptedStack({
    ...{ coordinators: 2, gossips: 2, replicas: 1 },
    env: { NEXUS_GOSSIP_ROUND_MS: '100', NEXUS_AGENT_TTL_MS: '30000' },
  });
  const servers = scene.stack.natsUrl;
  client = await NexusClient.connect({ servers, ...coordinateRetries });
  for (const agentId of honest) {
    const broadcast = ({ payload }: { payload: unknown }) => heard.get(agentId)!.push(payload as number);
    const handlers = { broadcast, gather: () => agentId };
    agents.push(await Agent.start({ servers, agentId, groups: ['honest'], gossip: true, handlers }));
  }
  await scene.fleet.join('hostile', answer, { groups: ['mixed'] });
  await eventually('all services see all members', () =>
    meshes().every((mesh) => aliveIn(mesh).length === meshes().length + honest.length),
  );
}, 60_000);

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close({ drainTimeoutMs: 100 })));
  await client?.close();
  await scene?.stop();
}, 30_000);

/** The membership of every service, as the service has it. */
const meshes = (): MeshMember[] => {
  const { coordinators, routings, gossips, replicas } = scene.stack;
  return [...coordinators, ...routings, ...gossips, ...replicas].map(({ running }) =>
    running.app.get(MeshMember, { strict: false }),
  );
};
const aliveIn = (mesh: MeshMember): string[] =>
  mesh.members().flatMap(({ memberId, status }) => (status === 'alive' ? [String(memberId)] : []));

const refused = (reason: string): number =>
  meshes().reduce((sum, mesh) => {
    const counts: Readonly<Record<string, number | undefined>> = mesh.stats().refused;
    return sum + (counts[reason] ?? 0);
  }, 0);
const total = (count: 'malformed' | 'flooded' | 'messagesReceived'): number =>
  meshes().reduce((sum, mesh) => sum + mesh.stats()[count], 0);

const toMesh = (from: string, bytes: Uint8Array, kind = 'agent'): void => {
  for (const { id } of meshes()) scene.nats.publish(`nexus.mesh.${id}.${kind}.${from}`, bytes);
  scene.nats.publish(`nexus.mesh-seed.${kind}.${from}`, bytes);
};
const syn = (digest: readonly DigestEntry[], fields: object = {}): Uint8Array => {
  const message: Message = { kind: 'syn', cluster: 'nexus', generation: Date.now(), digest, ...fields };
  return codec.encode(message);
};
const entry = (id: string, fields: Partial<DigestEntry> = {}): DigestEntry => ({
  ...{ id: id as MemberId, kind: 'leaf', generation: Date.now(), heartbeat: 3, maxVersion: 0 },
  ...{ collectedVersion: 0, viewHash: 0, vitals: '', ...fields },
});

/** One more broadcast in causal order, and one more question to all: both complete. */
const serve = async (): Promise<void> => {
  told += 1;
  const broadcast = await client.broadcast({ group: 'honest' }, { payload: told, ordering: 'causal' });
  expect(broadcast.result).toMatchObject({ targeted: honest.length, failed: [], missing: [] });
  const gathered = await client.gather({ group: 'honest' });
  expect(gathered.result.responses.map(({ data }) => data).sort()).toEqual(honest);
};

/** Attacks while others are served; nobody who was there is missing afterwards, and nobody else is there. */
const withstand = async (attack: () => Promise<void> | void): Promise<void> => {
  const members = [...meshes().map(({ id }) => String(id)), ...honest].sort();
  await Promise.all([attack(), serve()]);
  await serve();
  await eventually('every agent was handed every broadcast', () =>
    [...heard.values()].every((numbers) => numbers.length >= told),
  );
  const all = Array.from({ length: told }, (_, at) => at + 1);
  expect([...heard.values()]).toEqual(honest.map(() => all));
  // A busy machine may have one suspected for a moment.
  await eventually('all see whom they saw, and nobody else', () =>
    meshes().every((mesh) => aliveIn(mesh).sort().join() === members.join()),
  );
};

describe('gossip of strangers', () => {
  it('that is garbage, or of another cluster, is counted and answered by nothing', () =>
    withstand(async () => {
      const [malformed, foreign] = [total('malformed'), refused('other_cluster')];
      const garbage = ['', '{}', '[1,2', 'NG\u0001\u0001', 'x'.repeat(10_000)].map((text) =>
        Buffer.from(text),
      );
      for (const bytes of [...garbage, Buffer.alloc(70_000, 0xff)]) toMesh('mallory', bytes);
      for (let at = 0; at < 5; at += 1) toMesh('stranger', syn([entry('stranger')], { cluster: 'theirs' }));
      await eventually(
        'both are counted',
        () => total('malformed') >= malformed + 30 && refused('other_cluster') >= foreign + 25,
      );
    }));

  it('with huge counters, or of others, is refused', () =>
    withstand(async () => {
      const before = ['implausible', 'not_its_own', 'about_us'].map(refused);
      const [one, other] = meshes();
      toMesh('huge', syn([entry('huge', { heartbeat: Number.MAX_SAFE_INTEGER })]));
      toMesh('early', syn([], { generation: Date.now() + 86_400_000 }));
      const forged = [one!.id, other!.id, 'honest-1'].map((id) =>
        entry(id, { kind: 'relay', heartbeat: 1_000, maxVersion: 1_000, vitals: '1 1 1' }),
      );
      toMesh('forger', syn([entry('forger'), ...forged]));
      await eventually('each is counted', () =>
        ['implausible', 'not_its_own', 'about_us'].every((reason, at) => refused(reason) > before[at]!),
      );
      expect(one!.get(other!.id, 'service')).toBe(other!.get(other!.id, 'service'));
    }));

  it('in thousands of names makes nobody a member, and takes no more than its bounds', () =>
    withstand(async () => {
      const received = total('messagesReceived');
      for (let at = 0; at < 2_000; at += 1) {
        const name = `sybil-${at}`;
        toMesh(name, syn([entry(name)]), at % 2 === 0 ? 'agent' : 'service');
        // A client that sends faster than it is read is cut off by the broker, and attacks nobody.
        if (at % 200 === 0) await scene.nats.flush();
      }
      await eventually(
        'they have arrived',
        () => total('messagesReceived') >= received + 2_000 * meshes().length,
      );
      for (const mesh of meshes()) {
        expect(mesh.stats().bytesSentLastRound).toBeLessThanOrEqual(mesh.settings.roundBytesMax);
      }
      const { members } = await scene.fleet.request(`nexus.${endpoints.gossipMembers.template}`, {
        limit: 1_000,
      });
      expect(JSON.stringify(members)).not.toContain('sybil');
    }));
});

describe('stamps and clocks of strangers', () => {
  it('to agents, forged or far ahead, are counted and hold nothing up', () =>
    withstand(async () => {
      const before = agents.map(({ stats }) => stats.forged + stats.unbelieved);
      const message = {
        coordinationId: 'x',
        kind: 'broadcast',
        payload: 0,
        budgetMs: 5_000,
        attempt: 1,
        from: 'x',
      };
      const stamp = (sender: string, sequence: number) => ({
        ...{ sender, broadcast: { channel: 'group.honest', sequence }, after: {} },
      });
      const coordinator = scene.stack.coordinators[0]!.nodeId;
      for (const agentId of honest) {
        for (const causal of [stamp(`${coordinator}.aaaaaaaa`, 7), stamp('honest-2.bbbbbbbb', 1)]) {
          const body = JSON.stringify({ ...message, causal });
          scene.nats.publish(`nexus.agent.${agentId}.from.mallory`, body);
        }
      }
      const channels = { 'group.honest': Number.MAX_SAFE_INTEGER };
      for (let at = 0; at < 500; at += 1) {
        const sender = `ghost-${at}.aaaaaaaa`;
        scene.nats.publish(`nexus.causal.frontier.ghost-${at}`, JSON.stringify({ sender, channels }));
      }
      await eventually('they are counted', () =>
        agents.every(({ stats }, at) => stats.forged + stats.unbelieved > before[at]!),
      );
    }));

  it('in answers to coordinators cost a count, and reach no clock', () =>
    withstand(async () => {
      const figures = new ServiceFigures(scene.nats, 'nexus-coordinator', scene.stack.coordinators.length);
      const before = await figures.dropped('refusedCausal');
      const ask = () =>
        client.broadcast({ group: 'mixed' }, { payload: 0, ordering: 'causal', delivery: 'acknowledged' });
      const first = await ask();
      const names = Object.keys(first.clock);
      said = {
        clock: {
          ...Object.fromEntries(names.map((name) => [name, Number.MAX_SAFE_INTEGER])),
          ...Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`invented-${at}`, 2 ** 50])),
        },
        frontiers: { 'group.mixed': { [String(first.result.causal?.sender)]: 2 ** 50 } },
      };
      for (let count = 0; count < 5; count += 1) await ask();
      said = {};
      const { clock, result } = await ask();
      expect(await figures.dropped('refusedCausal')).toBeGreaterThan(before + 5_000);
      expect(Math.max(...Object.values(clock))).toBeLessThan(100_000);
      expect(Object.keys(clock).length).toBeLessThan(100);
      expect(result.causal?.broadcast?.sequence).toBeLessThan(100);
    }));
});
