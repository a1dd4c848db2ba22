import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@nexus/wire';
import { Redis } from 'ioredis';
import { hostsAreServed, IdleFleet } from '../idle-fleet.js';
import { NexusServices } from '../nexus-services.js';
import { type CountTable, type GroundContext, type GroundSection } from './section.js';

/** Nobody beats here: an idle agent is to stay registered for as long as the measuring lasts. */
const variables = { NEXUS_AGENT_HEARTBEAT_MS: '60000', NEXUS_AGENT_TTL_MS: '600000' };

/** One by one a hundred thousand would take minutes to come; what each costs does not depend on it. */
const separateMax = 10_000;

/** What a registered agent that does nothing costs those who know of it. */
export const memory: GroundSection = {
  name: 'memory',
  summary: 'bytes that an idle agent costs the coordinator, routing and Redis, after a full collection',
  on: 'bare ground',
  run: async (context, onTable) => {
    const { idleAgents } = context.effort;
    const some = idleAgents.filter((agents) => agents <= separateMax);
    const separate = await weigh(context, { prefix: 'idle-separate', hosted: false, sizes: some });
    if (separate) onTable(separate);
    const hosted = await weigh(context, { prefix: 'idle-hosted', hosted: true, sizes: idleAgents });
    if (hosted) onTable(hosted);
  },
};

interface Weighing {
  readonly prefix: string;
  readonly hosted: boolean;
  readonly sizes: readonly number[];
}

/** The costs at each size; nothing where this build has no such agents. */
async function weigh(context: GroundContext, weighing: Weighing): Promise<CountTable | undefined> {
  const { natsUrl, redisUrl, givenUp } = context;
  const { prefix } = weighing;
  const services = new NexusServices({ natsUrl, redisUrl, prefix, variables, weighed: true });
  const connection = await Connection.open({ servers: natsUrl, name: 'bench memory' });
  const redis = new Redis(redisUrl);
  try {
    return await Promise.race([
      weighOn(context, weighing, { services, connection, redis }),
      ...services.children.map((child) => child.failed()),
      givenUp,
    ]);
  } finally {
    redis.disconnect();
    await Promise.all(services.children.map((child) => child.stop()));
    await connection.close();
  }
}

interface Scale {
  readonly services: NexusServices;
  readonly connection: Connection;
  readonly redis: Redis;
}

async function weighOn(
  { effort, progress }: GroundContext,
  { prefix, hosted, sizes }: Weighing,
  { services, connection, redis }: Scale,
): Promise<CountTable | undefined> {
  await services.whenServing(connection.nats);
  if (hosted && !(await hostsAreServed(connection, prefix))) {
    progress('memory: hosts of many agents are left out: this build does not serve them');
    return undefined;
  }
  const read = async () => {
    await pause(effort.settleMs);
    const { coordinator, routing } = services;
    return Promise.all([coordinator.heldBytes(), routing.heldBytes(), redisBytes(redis)]);
  };
  const fleet = new IdleFleet(connection, prefix, hosted);
  // What the first few agents bring about once is no cost of each.
  const fewAgents = 10;
  await fleet.grow(fewAgents);
  const before = await read();
  const rows: CountTable['rows'][number][] = [];
  for (const agents of sizes) {
    progress(`memory: ${agents} agents join, ${hosted ? 'by a host' : 'one by one'}`);
    await fleet.grow(agents);
    const values = (await read()).map((bytes, index) => (bytes - before[index]!) / (agents - fewAgents));
    rows.push({ name: `${agents.toLocaleString('en')} agents`, values });
  }
  return {
    kind: 'counts',
    title: `bytes an idle agent, ${hosted ? 'registered by a host' : 'registered one by one'}`,
    columns: ['coordinator', 'routing', 'Redis'],
    chart: 'coordinator',
    rows,
  };
}

async function redisBytes(redis: Redis): Promise<number> {
  const bytes = /used_memory:(\d+)/.exec(await redis.info('memory'))?.[1];
  if (bytes === undefined) throw new Error('Redis does not tell its memory');
  return Number(bytes);
}
