import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JobQueue, type JobQueueOptions, type ProcessJob } from '@nexus/platform/jobs';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';

let servers: TestServers;
const open: JobQueue[] = [];

beforeAll(async () => {
  servers = await startTestServers({ redis: true });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.close()));
});

afterAll(() => servers.stop());

function queueOf(queue: string, options: Partial<JobQueueOptions> = {}, process?: ProcessJob): JobQueue {
  const { redisUrl: url } = servers;
  const made = JobQueue.open({ url, prefix: 'nexus', name: 'test', jobTimeoutMs: 5_000, queue, ...options });
  if (process) made.work(process);
  open.push(made);
  return made;
}

const added = (queue: JobQueue, name: string) =>
  eventually('a job is added', () => queue.addOnce(name).catch(() => undefined));

describe('JobQueue', () => {
  it('does what is added, once for as long as it waits or runs', async () => {
    let runs = 0;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const queue = queueOf('once', {}, async () => {
      runs++;
      await held;
    });
    const first = await added(queue, 'train');
    await eventually('it runs', () => runs === 1);
    expect(await queue.addOnce('train')).toEqual(first);
    release();
    await eventually(
      'another one is added',
      async () => (await queue.addOnce('train')).jobId !== first.jobId,
    );
    await eventually('it runs again', () => runs === 2);
  });

  it('tries again what failed, and gives up what takes too long', async () => {
    const attempts: number[] = [];
    const queue = queueOf('again', { jobTimeoutMs: 100 }, async ({ attempt, signal }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('the first one fails');
      if (attempt === 2) await new Promise((_, reject) => signal.addEventListener('abort', reject));
    });
    await added(queue, 'train');
    await eventually('a third attempt', () => attempts.length === 3);
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('repeats a job, and plans it once however many replicas say so', async () => {
    const runs: number[] = [];
    const process = () => {
      runs.push(Date.now());
      return Promise.resolve();
    };
    const queues = [queueOf('repeated', {}, process), queueOf('repeated', {}, process)];
    for (const queue of queues) {
      await eventually('it is planned', () =>
        queue.repeat('watch', 300).then(
          () => true,
          () => false,
        ),
      );
    }
    await eventually('it runs', () => runs.length >= 4);
    const gaps = runs.slice(1).map((at, index) => at - runs[index]!);
    expect(Math.max(...gaps.slice(1))).toBeGreaterThan(150);
    const plan = await queues[0]!.planOf('watch');
    expect(plan).toEqual({ everyMs: 300, nextMs: expect.any(Number) });
    expect(plan!.nextMs).toBeGreaterThan(Date.now() - 1_000);
    expect(await queues[0]!.planOf('unplanned')).toBeUndefined();
  });

  it('refuses at once while Redis is away, goes on when it is back, and ends while it is away', async () => {
    let runs = 0;
    const queue = queueOf('outage', {}, () => {
      runs++;
      return Promise.resolve();
    });
    await eventually('it is planned', () =>
      queue.repeat('watch', 200).then(
        () => true,
        () => false,
      ),
    );
    await eventually('it runs', () => runs > 1);
    servers.redis.kill('SIGKILL');
    await eventually('it refuses', () =>
      queue.addOnce('train').then(
        () => false,
        (error: unknown) => (error as { code: string }).code === 'unavailable',
      ),
    );
    await servers.redis.restart();
    const before = runs;
    await eventually('it goes on', () => runs > before + 1);
    servers.redis.kill('SIGKILL');
    const from = performance.now();
    await queue.close();
    expect(performance.now() - from).toBeLessThan(8_000);
    await servers.redis.restart();
  });
});
