import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installTelemetry, type Telemetry } from '@nexus/platform/telemetry';
import { eventually, OtlpReceiver, type ReceivedSpan } from '@nexus/testing';
import { IntelligenceStack, outcome } from './intelligence-stack.js';

let receiver: OtlpReceiver;
let telemetry: Telemetry;
let stack: IntelligenceStack;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const { endpoint } = receiver;
  telemetry = installTelemetry({ service: 'test', instanceId: 'test', version: '0.0.0', endpoint });
  stack = await IntelligenceStack.start({ NEXUS_TRAINING_INTERVAL_MS: '1000' });
});

afterAll(async () => {
  await stack.stop();
  await telemetry.shutdown();
  await receiver.close();
});

const trainings = async (): Promise<ReceivedSpan[]> => {
  await telemetry.flush();
  return receiver.spans().filter(({ name }) => name === 'intelligence train');
};

describe('traces of trainings', () => {
  it('are one a training, however long the schedule runs', async () => {
    const spans = await eventually('four trainings', async () => {
      const seen = await trainings();
      return seen.length >= 4 && seen;
    });
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(spans.length);
  });

  it('link to the traces that were learned from', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    await stack.report([outcome('linked', { traceId })]);
    await eventually('a training has such a link', async () =>
      (await trainings()).some(({ links }) => links.some((link) => link.traceId === traceId)),
    );
  });

  it('are not accompanied by traces of looking for jobs', async () => {
    await telemetry.flush();
    const names = new Set(receiver.spans().map(({ name }) => name.split(' ')[0]));
    expect(names.has('getNextJob')).toBe(false);
    expect(names.has('moveStalledJobsToWait')).toBe(false);
  });
});
