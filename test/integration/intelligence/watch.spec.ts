import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AnomaliesReply, endpoints } from '@nexus/contracts';
import { eventually, SeededRandom } from '@nexus/testing';
import { IntelligenceStack, outcome, work } from './intelligence-stack.js';

let stack: IntelligenceStack;
const events: string[] = [];

beforeAll(async () => {
  stack = await IntelligenceStack.start({
    ...{ NEXUS_ANOMALY_INTERVAL_MS: '200', NEXUS_ANOMALY_HOLD_MS: '500', NEXUS_ANOMALY_WINDOW_MS: '1000' },
    NEXUS_TRAINING_INTERVAL_MS: '3600000',
  });
  stack.connection.subscribe('nexus.events.*.*', ({ subject }) =>
    events.push(subject.slice('nexus.events.'.length)),
  );
});

afterAll(() => stack.stop());

const anomalies = (): Promise<AnomaliesReply> => stack.call(endpoints.intelligenceAnomalies, {});
const fleet = Array.from({ length: 10 }, (_, at) => `agent-${at}`);
const random = new SeededRandom(7);
const around = (latencyMs: number) => latencyMs * (0.9 + 0.2 * random.next());

/** Work of the whole fleet, of which `agent-0` takes so long. */
const round = (slowMs: number) =>
  stack.report(
    [],
    fleet.flatMap((agentId) =>
      Array.from({ length: 25 }, () => work(agentId, around(agentId === 'agent-0' ? slowMs : 10))),
    ),
  );

/** Goes on with such rounds until it is so. */
const until = (what: string, slowMs: number, isSo: (reply: AnomaliesReply) => boolean | undefined) =>
  eventually(what, async () => {
    await round(slowMs);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const reply = await anomalies();
    return isSo(reply) && reply;
  });

const shareOf = ({ probation }: AnomaliesReply) =>
  probation.find(({ agentId }) => agentId === 'agent-0')?.share;

describe('watching agents', () => {
  it('puts on probation who becomes far slower, and not the others, then ejects, and clears who does well', async () => {
    for (let at = 0; at < 10; at++) {
      await round(10);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await anomalies()).probation).toEqual([]);
    const { probation, recent } = await until('a probation', 100, (reply) => shareOf(reply) === 0.25);
    expect(probation).toHaveLength(1);
    expect(recent[0]).toMatchObject({
      ...{ kind: 'agent', agentId: 'agent-0', response: 'probation' },
      evidence: { measure: 'latency', samples: expect.any(Number) },
    });
    expect(recent[0]!.evidence.deviations).toBeGreaterThan(4);
    const [held] = probation;
    expect((await stack.snapshot()).probation).toEqual([{ ...held, remainingMs: expect.any(Number) }]);
    await until('an ejection', 100, (reply) => shareOf(reply) === 0);
    await until('it is cleared', 10, (reply) => shareOf(reply) === undefined);
    expect((await anomalies()).recent.map(({ response }) => response)).toEqual([
      'cleared',
      'ejection',
      'probation',
    ]);
    await eventually(
      'all is told',
      () => events.includes('anomaly.cleared') && events.includes('anomaly.detected'),
    );
  });

  it('holds nothing against it for a while after it was dismissed', async () => {
    await until('a probation', 100, (reply) => shareOf(reply) === 0.25);
    const dismiss = () => stack.call(endpoints.intelligenceDismiss, { agentId: 'agent-0', quietMs: 60_000 });
    expect(await dismiss()).toMatchObject({ dismissed: true });
    expect(await dismiss()).toMatchObject({ dismissed: false });
    for (let at = 0; at < 5; at++) {
      await round(100);
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(shareOf(await anomalies())).toBeUndefined();
    }
  });

  it('serves a type one layer lower when it takes far longer than it did', async () => {
    let count = 0;
    const outcomes = (durationMs: number) =>
      stack.report(
        Array.from({ length: 60 }, () => outcome(`g-${++count}`, { durationMs: around(durationMs) })),
      );
    await outcomes(20);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const { demotions } = await eventually('a demotion', async () => {
      await outcomes(300);
      const reply = await anomalies();
      return reply.demotions.length > 0 && reply;
    });
    expect(demotions).toEqual([expect.objectContaining({ type: 'gather', maxLayer: 'performance' })]);
    await eventually('it is cleared', async () => {
      await outcomes(20);
      return (await anomalies()).demotions.length === 0;
    });
  });
});
