import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints } from '@nexus/contracts';
import { bootService, type BootedService, nameInstance } from '@nexus/platform/service';
import { eventually, SeededRandom } from '@nexus/testing';
import { pino } from 'pino';
import { loadRoutingConfig } from '../../../apps/routing/src/routing.config.js';
import { routingService } from '../../../apps/routing/src/routing.module.js';
import { IntelligenceStack, work } from './intelligence-stack.js';

let stack: IntelligenceStack;
let routing: BootedService;

beforeAll(async () => {
  stack = await IntelligenceStack.start();
  routing = await bootService(routingService, {
    config: loadRoutingConfig({ ...stack.environment, NEXUS_AGENT_TTL_MS: '120000' }),
    instance: nameInstance('routing', undefined),
    logger: pino({ level: 'silent' }),
  });
});

afterAll(async () => {
  await routing.close();
  await stack.stop();
});

const place = (request: object) => stack.call(endpoints.intelligencePlace, { key: 'group-1', ...request });

describe('place', () => {
  it('says that there is nowhere, while nobody is there', async () => {
    const { code } = await eventually('the routes are known', async () => {
      const error = await place({}).then(
        () => undefined,
        (thrown: unknown) => thrown as { code: string },
      );
      return error?.code === 'not_found' && error;
    });
    expect(code).toBe('not_found');
  });

  it('goes by the hash of the key while too little is known of nodes', async () => {
    for (const [agentId, node] of [
      ['p-1', 'quick'],
      ['p-2', 'quick'],
      ['p-3', 'slow'],
      ['p-4', 'slow'],
    ]) {
      await stack.call(
        endpoints.agentsRegister,
        { groups: [], capabilities: [], node },
        { agentId: agentId! },
      );
    }
    const reply = await eventually('all are known', async () => {
      const placed = await place({ count: 10 });
      return placed.nodes.length === 2 && placed.nodes.every(({ agents }) => agents === 2) && placed;
    });
    expect(reply).toMatchObject({ by: 'consistent_hashing' });
    expect((await place({ count: 10 })).placed).toEqual(reply.placed);
    expect(await place({ nodes: ['slow'] })).toMatchObject({ placed: ['slow'] });
    await expect(place({ nodes: ['nowhere'] })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('goes by what work is predicted to take, once enough is known', async () => {
    const random = new SeededRandom(3);
    const samples = Array.from({ length: 400 }, (_, at) => {
      const isQuick = at % 2 === 0;
      // What is in flight matters: to know what was measured of late alone would not do.
      const inFlight = 1 + Math.floor(random.next() * 4);
      const usualMs = isQuick ? 10 : 60;
      const latencyMs = usualMs * inFlight * (0.9 + 0.2 * random.next());
      const features = { latencyMs: 2 * usualMs, inFlight, occupancy: 0.1 * inFlight, reportedLoad: 0.2 };
      return work(`p-${1 + (at % 4)}`, latencyMs, { node: isQuick ? 'quick' : 'slow', features } as object);
    });
    await stack.report([], samples);
    const { latency } = await stack.train();
    expect(latency).toMatchObject({ version: 1 });
    expect(latency!.errorLog).toBeLessThan(0.2);
    const { by, nodes } = await eventually('it is predicted', async () => {
      const placed = await place({ count: 20 });
      return placed.by === 'model' && placed;
    });
    expect(by).toBe('model');
    const shareOf = (name: string) => nodes.find(({ node }) => node === name)!.share;
    expect(shareOf('quick')).toBeGreaterThan(0.6);
    expect(shareOf('quick') + shareOf('slow')).toBeCloseTo(1);
  });
});
