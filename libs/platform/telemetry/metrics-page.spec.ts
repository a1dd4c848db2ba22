import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parsePrometheusText, type Sample } from '@nexus/testing';
import { metrics } from '@opentelemetry/api';
import { installTelemetry, type Telemetry } from './install.js';
import { type Metric } from './metric.js';
import { publishMetrics, serveMetrics } from './metrics-page.js';

let telemetry: Telemetry;
let server: Server;
const withdrawals: (() => void)[] = [];

beforeEach(async () => {
  telemetry = installTelemetry({ service: 'standalone', instanceId: 's-1', version: '0.1.0' });
  server = createServer(serveMetrics);
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  for (const withdraw of withdrawals.splice(0)) withdraw();
  await telemetry.shutdown();
  server.close();
  server.closeAllConnections();
});

const visit = () => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
const samples = async () => parsePrometheusText(await (await visit()).text());
const named = (all: readonly Sample[], name: string) => all.filter((sample) => sample.name === name);

const publish = (service: string, node: string, source: () => readonly Metric[]) => {
  const withdraw = publishMetrics({ service, instanceId: node }, source);
  withdrawals.push(withdraw);
  return withdraw;
};

const requests = (value: number): Metric => ({
  ...{ name: 'nexus.test.requests', kind: 'counter', unit: '1', description: 'Requests.' },
  points: [{ labels: { type: 'gather' }, value }],
});

describe('the metrics page', () => {
  it('tells of the process by the conventional names', async () => {
    const all = await samples();
    expect(named(all, 'target_info')).toMatchObject([
      { labels: { service_name: 'nexus-standalone', service_instance_id: 's-1', service_version: '0.1.0' } },
    ]);
    expect(named(all, 'process_memory_usage_bytes')[0]?.value).toBeGreaterThan(1e6);
    const modes = named(all, 'process_cpu_time_seconds_total').map(({ labels }) => labels['cpu_mode']);
    expect(modes).toEqual(['user', 'system']);
  });

  it('shows one metric of two services as two series', async () => {
    publish('coordinator', 'c-1', () => [requests(3)]);
    publish('routing', 'r-1', () => [requests(4)]);
    expect(named(await samples(), 'nexus_test_requests_total')).toEqual([
      {
        name: 'nexus_test_requests_total',
        labels: { service: 'coordinator', node: 'c-1', type: 'gather' },
        value: 3,
      },
      {
        name: 'nexus_test_requests_total',
        labels: { service: 'routing', node: 'r-1', type: 'gather' },
        value: 4,
      },
    ]);
  });

  it('shows a histogram in seconds, with sums of its buckets', async () => {
    const value = { bounds: [0.1, 1], counts: [2, 1, 1], sum: 7.5 };
    publish('coordinator', 'c-1', () => [
      {
        ...{ name: 'nexus.test.duration', kind: 'histogram', unit: 's', description: 'Durations.' },
        points: [{ labels: {}, value }],
      },
    ]);
    const all = await samples();
    expect(
      named(all, 'nexus_test_duration_seconds_bucket').map(({ labels, value: upTo }) => [labels['le'], upTo]),
    ).toEqual([
      ['0.1', 2],
      ['1', 3],
      ['+Inf', 4],
    ]);
    expect(named(all, 'nexus_test_duration_seconds_count')[0]?.value).toBe(4);
    expect(named(all, 'nexus_test_duration_seconds_sum')[0]?.value).toBe(7.5);
  });

  it('reads anew at each visit, and no more once withdrawn', async () => {
    let count = 0;
    const withdraw = publish('coordinator', 'c-1', () => [requests(++count)]);
    expect(named(await samples(), 'nexus_test_requests_total')[0]?.value).toBe(1);
    expect(named(await samples(), 'nexus_test_requests_total')[0]?.value).toBe(2);
    withdraw();
    expect(named(await samples(), 'nexus_test_requests_total')).toEqual([]);
    expect(count).toBe(2);
  });

  it('leaves out a source that fails, and shows the others', async () => {
    publish('routing', 'r-1', () => {
      throw new Error('broken');
    });
    publish('coordinator', 'c-1', () => [requests(1)]);
    expect(named(await samples(), 'nexus_test_requests_total')).toHaveLength(1);
  });

  it('has room for instruments of OpenTelemetry’s own interface', async () => {
    metrics.getMeter('spec').createCounter('spec.things').add(2);
    expect(named(await samples(), 'spec_things_total')[0]?.value).toBe(2);
  });

  it('is not there after shutdown', async () => {
    await telemetry.shutdown();
    expect((await visit()).status).toBe(503);
  });
});
