import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Choosing, type Outcome } from '@nexus/contracts';
import { eventually, SeededRandom } from '@nexus/testing';
import { type Body, type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { outcome } from './intelligence-stack.js';

let scene: ScriptedStack;
let fleet: ScriptedFleet;
let service: { close(): Promise<void> };
const random = new SeededRandom(21);

beforeAll(async () => {
  scene = await startScriptedStack({
    intelligences: 1,
    env: {
      ...{ NEXUS_EXPLORATION_SHARE: '0', NEXUS_MODELS_STALE_AFTER_MS: '5000' },
      ...{ NEXUS_TRAINING_INTERVAL_MS: '3600000', NEXUS_ANOMALY_INTERVAL_MS: '600000' },
    },
  });
  ({ fleet } = scene);
  service = scene.stack.intelligences[0]!;
  const done = ({ answer }: Delivery) => answer(null);
  for (const agentId of ['a', 'b', 'c']) await fleet.join(agentId, done, { groups: ['g'] });
});

afterAll(() => scene.stop());

/** One unit, shared out as whoever decides thinks best. */
async function share(complexity: number, more: Body = {}) {
  const { reply } = await fleet.coordinate({
    agents: { group: 'g' },
    goal: {
      ...{ type: 'load_balance', algorithm: 'adaptive', complexity },
      requests: [{ id: 'u' }],
    },
    ...more,
  });
  return reply as Body & { explain: { model: Choosing | null; evidence: unknown; balancing: Body } };
}

/** Work that is heavy is done sooner by `peak_ewma`, and all else by what the layer below does. */
function past(count: number): Outcome[] {
  return Array.from({ length: count }, (_, at) => {
    const complexity = random.between(1, 10);
    const isTried = random.next() < 0.5;
    const fast = isTried === complexity > 5;
    return outcome(`past-${at}`, {
      ...{ type: 'load_balance', choice: isTried ? 'peak_ewma' : 'resource_aware', propensity: 0.5 },
      durationMs: (fast ? 10 : 60) * random.between(0.9, 1.1),
      features: {
        ...{ agents: 3, diversity: 0, complexity, deadlineS: 5 },
        ...{ latencyMs: 1, load: 0.1, active: 1, successRate: 1 },
      },
    });
  });
}

const ask = (subject: string, body: unknown) => fleet.request(`nexus.${subject}`, body);
const modelOf = async (complexity: number) => (await share(complexity)).explain.model;
const outcomesKept = async () =>
  ((await ask('intelligence.models', {}))['history'] as { outcomes: number }).outcomes;

describe('choosing by what was learned', () => {
  it('leaves all to the layer below while nothing was learned', async () => {
    await eventually('the service was heard of', async () => {
      const { reply } = await fleet.coordinate({ agents: { group: 'g' }, goal: { type: 'gather' } });
      return (reply['explain'] as Body)['model'] !== null;
    });
    const reply = await share(8);
    expect(reply).toMatchObject({ layer: 'performance', fallbacks: [] });
    expect(reply.explain).toMatchObject({
      model: { serving: false, reason: 'no_model', choice: 'resource_aware', propensity: 1 },
      evidence: null,
      balancing: { algorithm: 'resource_aware' },
    });
  });

  it('serves where the model knows better, tells why, and nowhere else', async () => {
    const outcomes = past(600);
    for (let at = 0; at < outcomes.length; at += 100) {
      await ask('int.intelligence.outcomes', {
        ...{ coordinatorId: 'teacher', life: 'l', sequence: at },
        ...{ outcomes: outcomes.slice(at, at + 100), work: [] },
      });
    }
    await ask('intelligence.models.train', {});
    await eventually('the model was heard of', async () => {
      const { version } = await ask('intelligence.predict', { type: 'load_balance' }).then(
        ({ model }) => (model ?? {}) as { version?: number },
      );
      return version === 1 && (await modelOf(2))?.reason === 'no_gain';
    });
    const heavy = await share(8);
    expect(heavy).toMatchObject({ layer: 'intelligence', strategy: 'performance_optimized', fallbacks: [] });
    expect(heavy.explain).toMatchObject({
      model: {
        ...{ serving: true, reason: 'chosen', choice: 'peak_ewma', below: 'resource_aware', version: 1 },
        reasoning: expect.stringMatching(/^complexity > \d.* → peak_ewma \(\d+ %, \d+ samples\)$/),
      },
      balancing: { algorithm: 'peak_ewma', agents: 3 },
    });
    const evidence = heavy.explain.evidence as { choice: string; durationMs: { expected: number } | null }[];
    expect(evidence.find(({ choice }) => choice === 'peak_ewma')?.durationMs?.expected).toBeLessThan(30);
    expect(await share(2)).toMatchObject({ layer: 'performance' });
    expect(await share(8, { maxLayer: 'performance' })).toMatchObject({
      layer: 'performance',
      explain: { model: null },
    });
  });

  it('tells what came of it, once, and can be asked why', async () => {
    const asked = [await share(8), await share(2), await share(8, { maxLayer: 'performance' })];
    const [first] = asked;
    const told = await eventually('it was told', () =>
      ask('intelligence.explain', { coordinationId: first!['coordinationId'] }).catch(() => undefined),
    );
    expect(told).toMatchObject({
      ...{ type: 'load_balance', layer: 'intelligence', choice: 'peak_ewma', success: 1, status: 'complete' },
      features: { agents: 3, complexity: 8, deadlineS: 5 },
      choosing: { reason: 'chosen', candidates: expect.arrayContaining([expect.any(Object)]) },
    });
    const { choice, propensity } = await ask('intelligence.explain', {
      coordinationId: asked[2]!['coordinationId'],
    });
    expect([choice, propensity]).toEqual(['resource_aware', 1]);
  });

  it('goes on by the last models while the service is away, then as the layer below, and loses no outcome', async () => {
    await eventually('all was told', async () => {
      const before = await outcomesKept();
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return before === (await outcomesKept());
    });
    const before = await outcomesKept();
    await service.close();
    expect(await share(8)).toMatchObject({ layer: 'intelligence' });
    let asked = 1;
    await eventually('the models are stale', async () => {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return (await modelOf(8))?.reason === 'stale';
    });
    const { bootService, nameInstance } = await import('@nexus/platform/service');
    const { loadIntelligenceConfig } = await import('../../../apps/intelligence/src/intelligence.config.js');
    const { intelligenceService } = await import('../../../apps/intelligence/src/intelligence.module.js');
    const { pino } = await import('pino');
    const again = await bootService(intelligenceService, {
      config: loadIntelligenceConfig({
        ...{ NEXUS_NATS_URL: scene.stack.natsUrl, NEXUS_REDIS_URL: scene.stack.redisUrl },
        NEXUS_TRAINING_INTERVAL_MS: '3600000',
      }),
      instance: nameInstance('intelligence', undefined),
      logger: pino({ level: 'silent' }),
    });
    try {
      await eventually('the models serve again', async () => {
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 200));
        return (await modelOf(8))?.reason === 'chosen';
      });
      await eventually('all was told', async () => (await outcomesKept()) === before + asked);
    } finally {
      await again.close();
    }
  });
});
