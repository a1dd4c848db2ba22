import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FleetCensus } from '@nexus/contracts';
import { NexusClient } from '@nexus/sdk';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';
import { decodeBody } from '@nexus/wire';
import { type ServiceProcess, startProcess } from './support/service-process.js';

const election = 'coordinator.duties';

let stack: TestStack;
let client: NexusClient;
const coordinators = new Map<string, ServiceProcess>();
const counted: FleetCensus[] = [];

beforeAll(async () => {
  stack = await startTestStack({ replicas: 1, coordinators: 0 });
  client = await NexusClient.connect({ servers: stack.natsUrl });
  const listener = await stack.connect();
  listener.subscribe('nexus.events.fleet.counted', ({ data }) => {
    counted.push(decodeBody(data) as unknown as FleetCensus);
  });
  for (const nodeId of ['one', 'two']) {
    const env = {
      ...{ NEXUS_NATS_URL: stack.natsUrl, NEXUS_REDIS_URL: stack.redisUrl, NEXUS_NODE_ID: nodeId },
      ...{ NEXUS_OFFICE_TTL_MS: '1500', NEXUS_CENSUS_INTERVAL_MS: '100', NEXUS_LOG_LEVEL: 'debug' },
    };
    coordinators.set(nodeId, startProcess({ args: ['dist/apps/coordinator/src/main.js'], env }));
  }
});

afterAll(async () => {
  await Promise.all([...coordinators.values()].map((coordinator) => coordinator.end('SIGTERM')));
  await client.close();
  await stack.stop();
});

describe('a coordinator that is paused in office', () => {
  it('does nothing of its duty when it goes on, because another holds the office by then', async () => {
    await eventually('both stand for the office', async () => {
      return (await client.readElection(election)).waiting.length === 1;
    });
    const before = await client.readElection(election);
    const { by: paused } = await eventually('it counts', () => counted.at(-1));
    const other = paused === 'one' ? 'two' : 'one';
    const { child } = coordinators.get(paused)!;
    child.kill('SIGSTOP');
    await eventually('another counts', () => counted.at(-1)?.by === other);
    const from = counted.length;
    child.kill('SIGCONT');
    // It is awake again, and stands for the office behind the other.
    await eventually('it waits for the office', async () => {
      const { leader, waiting } = await client.readElection(election);
      return leader?.startsWith(other) && waiting.some((candidate) => candidate.startsWith(paused));
    });
    await eventually('ten more counts', () => counted.length >= from + 10);
    expect(new Set(counted.slice(from).map(({ by }) => by))).toEqual(new Set([other]));
    expect(await client.read('fleet.census')).toMatchObject({ value: { by: other } });
    const after = await client.readElection(election);
    expect(after.fencingToken).toBeGreaterThan(before.fencingToken!);
  });
});
