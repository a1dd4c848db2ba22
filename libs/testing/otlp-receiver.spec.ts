import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OtlpReceiver } from './otlp-receiver.js';

const traceId = 'a'.repeat(32);

const otlp = (service: string, spans: readonly object[]) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ spans }],
    },
  ],
});

const span = (spanId: string, parentSpanId: string, startNs: number, rest: object = {}) => ({
  traceId,
  spanId,
  parentSpanId,
  name: `work ${spanId}`,
  kind: 1,
  startTimeUnixNano: String(startNs),
  endTimeUnixNano: String(startNs + 1),
  ...rest,
});

let receiver: OtlpReceiver;

const post = (body: NonNullable<RequestInit['body']>, contentHeaders: Record<string, string> = {}) =>
  fetch(`${receiver.endpoint}/v1/traces`, { method: 'POST', body, headers: contentHeaders });

beforeEach(async () => {
  receiver = await OtlpReceiver.start({ spansMax: 4 });
});
afterEach(() => receiver.close());

describe('OtlpReceiver', () => {
  it('reads attributes of every type, plain or gzipped', async () => {
    const attributes = [
      { key: 's', value: { stringValue: 'text' } },
      { key: 'n', value: { intValue: '7' } },
      { key: 'd', value: { doubleValue: 0.5 } },
      { key: 'b', value: { boolValue: true } },
      { key: 'a', value: { arrayValue: { values: [{ stringValue: 'x' }] } } },
    ];
    const body = JSON.stringify(otlp('nexus-a', [span('1', '', 1, { attributes, status: { code: 2 } })]));
    expect((await post(gzipSync(body), { 'Content-Encoding': 'gzip' })).status).toBe(200);
    expect(receiver.spans(traceId)).toMatchObject([
      {
        service: 'nexus-a',
        parentSpanId: undefined,
        kind: 'internal',
        status: 'error',
        attributes: { s: 'text', n: 7, d: 0.5, b: true, a: ['x'] },
      },
    ]);
  });

  it('shows a trace as a tree, siblings by their start, whatever the order of arrival', async () => {
    await post(JSON.stringify(otlp('nexus-b', [span('3', '1', 30), span('4', 'gone', 40)])));
    await post(
      JSON.stringify(otlp('nexus-a', [span('2', '1', 20, { status: { code: 2 } }), span('1', '', 10)])),
    );
    expect(receiver.renderTree(traceId)).toBe(
      [
        'nexus-a: work 1 [internal]',
        '  nexus-a: work 2 [internal] !',
        '  nexus-b: work 3 [internal]',
        '? nexus-b: work 4 [internal]',
      ].join('\n'),
    );
  });

  it('waits for what comes later, and shows what came when the time is over', async () => {
    const awaited = receiver.waitForTrace(traceId, (spans) => spans.length === 1);
    await post(JSON.stringify(otlp('nexus-a', [span('1', '', 1)])));
    expect(await awaited).toHaveLength(1);
    await expect(receiver.waitForTrace(traceId, () => false, 20)).rejects.toThrow('nexus-a: work 1');
  });

  it('keeps the newest spans only', async () => {
    await post(
      JSON.stringify(
        otlp(
          'nexus-a',
          [1, 2, 3, 4, 5, 6].map((n) => span(String(n), '', n)),
        ),
      ),
    );
    expect(receiver.spans().map(({ spanId }) => spanId)).toEqual(['3', '4', '5', '6']);
  });

  it('refuses what is not OTLP, and goes on', async () => {
    expect((await post('{')).status).toBe(400);
    expect((await post('{"resourceSpans":[{}]}')).status).toBe(400);
    expect(receiver.malformed).toBe(2);
    expect((await post(JSON.stringify(otlp('nexus-a', [])))).status).toBe(200);
  });
});
