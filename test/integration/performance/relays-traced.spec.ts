import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installTelemetry, type Telemetry } from '@nexus/platform/telemetry';
import { OtlpReceiver } from '@nexus/testing';
import { idsOf, RelayScene } from './relay-scene.js';

let receiver: OtlpReceiver;
let telemetry: Telemetry;
let scene: RelayScene;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const { endpoint } = receiver;
  telemetry = installTelemetry({ service: 'test', instanceId: 'test-1', version: '0.0.0', endpoint });
  scene = await RelayScene.start();
});

afterAll(async () => {
  await scene?.endTest();
  await scene?.stop();
  await telemetry?.shutdown();
  await receiver?.close();
});

describe('a request over relays is one trace', () => {
  it('from the coordinator over each relay to those whom it asks', async () => {
    const traced: string[] = [];
    await scene.company(
      'traced',
      2,
      4,
      () =>
        ({ trace }) =>
          void traced.push(trace.traceId),
    );
    const { reply } = await scene.over('traced', { type: 'gather' });
    const traceId = reply['traceId'] as string;
    expect(traced).toEqual(idsOf('', 6).map(() => traceId));
    await telemetry.flush();
    const isAgent = (name: string) => name === 'process nexus.agent.{agentId}';
    const spans = await receiver.waitForTrace(
      traceId,
      (all) => all.filter(({ name }) => isAgent(name)).length >= 6,
    );
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [served] = named('process nexus.coordinate');
    const sent = named('send nexus.agent.{agentId}');
    expect(sent.map(({ parentSpanId }) => parentSpanId)).toEqual([served!.spanId, served!.spanId]);
    const relays = named('relay nexus.agent.{agentId}');
    expect(relays.map(({ parentSpanId }) => parentSpanId).toSorted()).toEqual(
      sent.map(({ spanId }) => spanId).toSorted(),
    );
    for (const { attributes, spanId } of relays) {
      expect(attributes['nexus.relay.targets']).toBe(3);
      const children = spans.filter((span) => isAgent(span.name) && span.parentSpanId === spanId);
      expect(children).toHaveLength(3);
    }
    expect(spans.filter(({ status }) => status === 'error')).toEqual([]);
  });
});
