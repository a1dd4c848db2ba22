import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { Redis } from 'ioredis';
import { type ServiceProcess, startProcess } from '../../e2e/support/service-process.js';
import { gathers, IntelligenceStack } from './intelligence-stack.js';

let stack: IntelligenceStack;
let redis: Redis;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  stack = await IntelligenceStack.start(
    // Many outcomes, so that there is a middle of a training to die in.
    { NEXUS_TRAINING_INTERVAL_MS: '3000', NEXUS_TRAINING_SAMPLES: '10000', NEXUS_LOG_LEVEL: 'warn' },
    false,
  );
  redis = new Redis(stack.servers.redisUrl);
});

afterAll(async () => {
  await Promise.all(processes.map((each) => each.end('SIGKILL')));
  redis.disconnect();
  await stack.stop();
});

function start(): ServiceProcess {
  const process = startProcess({ args: ['dist/apps/intelligence/src/main.js'], env: stack.environment });
  processes.push(process);
  return process;
}

const served = () => eventually('it serves', () => stack.models().catch(() => undefined));
const rule = (choice: string, agents: number) => ((choice === 'hierarchical') === agents > 200 ? 20 : 200);

describe('a worker that is killed in the middle of a training', () => {
  it('learned nothing twice, lost nothing that was acknowledged, and the schedule goes on', async () => {
    const first = start();
    await served();
    await stack.reportAll(gathers({ durationMs: rule, prefix: 'told', count: 4_000, seed: 5 }));
    await redis.del('{nexus}:intelligence:models:gather', '{nexus}:intelligence:state');
    await eventually('a training is under way', async () => {
      const [id] = await redis.lrange('{nexus}:jobs:intelligence:active', 0, 0);
      return id !== undefined && (await redis.hget(`{nexus}:jobs:intelligence:${id}`, 'name')) === 'train';
    });
    await first.end('SIGKILL');
    const active = await redis.llen('{nexus}:jobs:intelligence:active');
    const before = (await redis.hget('{nexus}:intelligence:state', 'last_trained_at')) ?? '';

    start();
    await served();
    const { models, history, training } = await eventually('it was trained', async () => {
      const reply = await stack.models();
      return reply.training.runs > 1 && reply;
    });
    expect(active).toBeGreaterThan(0);
    expect(history.outcomes).toBe(4_000);
    expect(training.lastTrainedAt! > before).toBe(true);
    // Several trainings on the same outcomes, one of them begun twice.
    expect(models.map(({ version, state }) => [version, state])).toEqual([[1, 'champion']]);
  });
});
