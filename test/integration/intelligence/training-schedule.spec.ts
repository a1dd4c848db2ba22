import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobQueue } from '@nexus/platform/jobs';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { TrainingSchedule } from '../../../apps/intelligence/src/training/training-schedule.js';

let servers: TestServers;
let queue: JobQueue;

beforeAll(async () => {
  servers = await startTestServers({ redis: true });
  const job = { queue: 'intelligence', name: 'test', jobTimeoutMs: 5_000 };
  queue = JobQueue.open({ url: servers.redisUrl, prefix: 'nexus', ...job });
});

afterAll(async () => {
  await queue.close();
  await servers.stop();
});

const planned = async (trainMs: number, watchMs: number) => {
  const schedule = new TrainingSchedule(queue, { trainMs, watchMs });
  await eventually('it is planned', async () => {
    const plans = await Promise.all([queue.planOf('train'), queue.planOf('watch')]).catch(() => []);
    return plans[0]?.everyMs === trainMs && plans[1]?.everyMs === watchMs;
  });
  schedule.onApplicationShutdown();
};

describe('TrainingSchedule', () => {
  it('follows its configuration, whether it is done less often or more often from now on', async () => {
    await planned(60_000, 5_000);
    await planned(600_000, 20_000);
    await planned(30_000, 1_000);
    expect(await queue.planOf('train')).toMatchObject({ everyMs: 30_000 });
  });
});
