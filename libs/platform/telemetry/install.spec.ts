import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { OtlpReceiver, type ReceivedSpan } from '@nexus/testing';
import { extractTrace, injectTrace, inSpan } from '@nexus/wire';
import {
  context,
  isSpanContextValid,
  type SpanContext,
  SpanKind,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { installTelemetry, type Telemetry, type TelemetryOptions } from './install.js';
import { ServiceContext } from './service-context.js';

const coordinator = new ServiceContext({ service: 'coordinator', instanceId: 'coordinator-1' });
const routing = new ServiceContext({ service: 'routing', instanceId: 'routing-1' });

let receiver: OtlpReceiver;
let telemetry: Telemetry | undefined;

const install = (options: Partial<TelemetryOptions> = {}): Telemetry => {
  telemetry = installTelemetry({ service: 'standalone', instanceId: 's-1', version: '0.1.0', ...options });
  return telemetry;
};

/** Headers as the sender of a message writes them. */
const sent = (): MsgHdrs => {
  const carried = headers();
  injectTrace(carried);
  return carried;
};

/** Sends from one service to another as the transport does: headers out, context in. */
const deliver = (to: ServiceContext, name: string, carried: MsgHdrs, work: () => Promise<void> | void) =>
  inSpan(name, { kind: SpanKind.CONSUMER, parent: to.enter(extractTrace(carried)) }, work);

const carriedBy = (parent: Partial<SpanContext>): MsgHdrs => {
  const carried = headers();
  const { traceId = 'a'.repeat(32), spanId = 'b'.repeat(16), traceFlags = TraceFlags.SAMPLED } = parent;
  carried.set('traceparent', `00-${traceId}-${spanId}-0${traceFlags}`);
  return carried;
};

const ofService = (spans: readonly ReceivedSpan[], service: string) =>
  spans.find((span) => span.service === service);

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
});

afterEach(async () => {
  await telemetry?.shutdown();
  await receiver.close();
});

describe('installTelemetry', () => {
  it('shows two services of one process as two, in one trace, through NATS headers', async () => {
    const installed = install({ endpoint: receiver.endpoint });
    let traceId = '';
    await inSpan('request', { kind: SpanKind.CLIENT }, async (span) => {
      traceId = span.spanContext().traceId;
      await deliver(coordinator, 'coordinate', sent(), () =>
        inSpan('ask routes', { kind: SpanKind.CLIENT }, () =>
          deliver(routing, 'assign', sent(), () => inSpan('pick', {}, () => undefined)),
        ),
      );
    });
    await installed.flush();
    await receiver.waitForTrace(traceId, (spans) => spans.length === 5);
    expect(receiver.renderTree(traceId)).toBe(
      [
        'nexus-standalone: request [client]',
        '  nexus-coordinator: coordinate [consumer]',
        '    nexus-coordinator: ask routes [client]',
        '      nexus-routing: assign [consumer]',
        '        nexus-routing: pick [internal]',
      ].join('\n'),
    );
    expect(ofService(receiver.spans(traceId), 'nexus-routing')?.instanceId).toBe('routing-1');
  });

  it('gives work begun within a service to it, across awaits', async () => {
    const installed = install({ endpoint: receiver.endpoint });
    const traceId = await routing.run(async () => {
      await Promise.resolve();
      return inSpan('sweep', {}, (span) => span.spanContext().traceId);
    });
    await installed.flush();
    const [span] = await receiver.waitForTrace(traceId, (spans) => spans.length === 1);
    expect(span).toMatchObject({ service: 'nexus-routing', name: 'sweep', parentSpanId: undefined });
  });

  it('marks the span of failed work, and passes the error on', async () => {
    const installed = install({ endpoint: receiver.endpoint });
    let traceId = '';
    const failing = inSpan('fail', { attributes: { note: 'x'.repeat(5_000) } }, (span) => {
      traceId = span.spanContext().traceId;
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    await installed.flush();
    const [span] = await receiver.waitForTrace(traceId, (spans) => spans.length === 1);
    expect(span).toMatchObject({ status: 'error', attributes: { 'error.type': 'internal' } });
    expect(String(span?.attributes['note'])).toHaveLength(2_048);
  });

  it('follows the decision of the caller, whatever the own ratio', async () => {
    const installed = install({ endpoint: receiver.endpoint, ratio: 0 });
    const recorded = '1'.repeat(32);
    const ignored = '2'.repeat(32);
    await deliver(routing, 'assign', carriedBy({ traceId: recorded }), () => undefined);
    await deliver(routing, 'assign', carriedBy({ traceId: ignored, traceFlags: 0 }), () => undefined);
    await inSpan('own root', {}, () => undefined);
    await installed.flush();
    await receiver.waitForTrace(recorded, (spans) => spans.length === 1);
    expect(receiver.spans()).toHaveLength(1);
    expect(receiver.spans()[0]?.parentSpanId).toBe('b'.repeat(16));
  });

  it('has trace ids and carries decisions without a collector, and sends nothing', async () => {
    const installed = install();
    expect(installed.exporting).toBe(false);
    await inSpan('request', {}, (span) => {
      expect(isSpanContextValid(span.spanContext())).toBe(true);
      expect(span.isRecording()).toBe(false);
      expect(extractedFrom(sent())).toMatchObject({
        traceId: span.spanContext().traceId,
        traceFlags: TraceFlags.NONE,
      });
    });
    await deliver(routing, 'assign', carriedBy({}), () => {
      expect(extractedFrom(sent())?.traceFlags).toBe(TraceFlags.SAMPLED);
    });
    await installed.shutdown();
    expect(receiver.spans()).toHaveLength(0);
  });

  it('is set up once a process', () => {
    const first = install();
    expect(install({ service: 'routing', endpoint: receiver.endpoint })).toBe(first);
    expect(first.exporting).toBe(false);
  });

  it('reports a collector that refuses, once, and throws nothing', async () => {
    const reports: string[] = [];
    const endpoint = `${receiver.endpoint}/elsewhere`;
    const installed = install({ endpoint, report: (message) => reports.push(message) });
    for (const name of ['one', 'two']) {
      await inSpan(name, {}, () => undefined);
      await installed.flush();
    }
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain(`traces cannot be exported to ${endpoint}`);
  });

  it('does not wait for a collector that does not answer', async () => {
    const requests = new EventEmitter<{ held: [ServerResponse] }>();
    const silent = createServer((_request, response) => requests.emit('held', response));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const held = once(requests, 'held') as Promise<[ServerResponse]>;
    const installed = install({ endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    await inSpan('one', {}, () => undefined);
    await installed.shutdown(20);
    const [response] = await held;
    expect(response.writableEnded).toBe(false);
    response.writeHead(400).end();
    silent.close();
    silent.closeIdleConnections();
  });

  it('leaves nothing behind after shutdown', async () => {
    await install({ endpoint: receiver.endpoint }).shutdown();
    await inSpan('after', {}, (span) => expect(isSpanContextValid(span.spanContext())).toBe(false));
    expect(coordinator.run(() => 'works')).toBe('works');
  });

  it('routes spans that were started with startActiveSpan', async () => {
    const installed = install({ endpoint: receiver.endpoint });
    const tracer = trace.getTracer('spec');
    const traceId = tracer.startActiveSpan('outer', (outer) => {
      tracer.startActiveSpan('inner', {}, routing.enter(context.active()), (inner) => inner.end());
      outer.end();
      return outer.spanContext().traceId;
    });
    await installed.flush();
    await receiver.waitForTrace(traceId, (spans) => spans.length === 2);
    expect(receiver.renderTree(traceId)).toBe(
      'nexus-standalone: outer [internal]\n  nexus-routing: inner [internal]',
    );
  });
});

const extractedFrom = (carried: MsgHdrs) =>
  trace.getSpanContext(context.with(trace.deleteSpan(context.active()), () => extractTrace(carried)));
