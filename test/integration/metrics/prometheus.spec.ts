import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { algorithmNames, errorCodes, goalTypes, layerNames, statusSchema } from '@nexus/contracts';
import { parsePrometheusText, type Sample } from '@nexus/testing';
import { type Delivery } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

let scene: ScriptedStack;

const timeoutMs = 8_000;
const agentId = 'agent-seen-nowhere';

beforeAll(async () => {
  scene = await startScriptedStack({ env: { NEXUS_HEALTH_PORT: '0', NEXUS_HEALTH_HOST: '127.0.0.1' } });
  const echo = ({ body, answer }: Delivery) => answer(body['payload'] ?? null);
  await scene.fleet.join(agentId, echo, { groups: ['pair'] });
  const agents = { group: 'pair' };
  await scene.fleet.coordinate({ agents, goal: { type: 'gather', timeoutMs } });
  await scene.fleet.coordinate({
    agents,
    goal: { type: 'load_balance', algorithm: 'peak_ewma', requests: [{ id: 'u' }], timeoutMs },
  });
  await scene.fleet.refused({
    agents: { group: 'nobody' },
    goal: { type: 'load_balance', requests: [{ id: 'u' }] },
  });
});

afterAll(() => scene?.stop());

async function scrape(): Promise<Sample[]> {
  const response = await fetch(`http://127.0.0.1:${scene.stack.coordinators[0]!.healthPort}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain');
  return parsePrometheusText(await response.text());
}

const find = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}) =>
  samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );

describe('/metrics', () => {
  it('shows durations by type, algorithm, layer and status', async () => {
    const samples = await scrape();
    const labels = { service: 'coordinator', layer: 'performance', status: 'complete' };
    const counts = find(samples, 'nexus_coordination_duration_seconds_count', labels);
    expect(counts.map(({ labels: { type, algorithm }, value }) => [type, algorithm, value])).toEqual([
      ['gather', undefined, 1],
      ['load_balance', 'peak_ewma', 1],
    ]);
    const [sum] = find(samples, 'nexus_coordination_duration_seconds_sum', { type: 'gather' });
    expect(sum!.value).toBeGreaterThan(0);
    expect(sum!.value).toBeLessThan(timeoutMs / 1_000);
    const [last] = find(samples, 'nexus_coordination_duration_seconds_bucket', {
      type: 'gather',
      le: '+Inf',
    });
    expect(last!.value).toBe(1);
  });

  it('shows work, refusals, ejections and what is in flight', async () => {
    const samples = await scrape();
    expect(
      find(samples, 'nexus_work_units_total', { algorithm: 'peak_ewma', outcome: 'done' })[0]?.value,
    ).toBe(1);
    expect(find(samples, 'nexus_coordination_refusals_total')[0]).toMatchObject({
      labels: { type: 'load_balance', algorithm: 'round_robin', error_type: 'not_found' },
      value: 1,
    });
    const zero = [
      'coordination_in_flight',
      'work_in_flight',
      'work_waiting',
      'agent_ejected',
      'agent_ejections_total',
    ];
    for (const name of zero) expect([name, find(samples, `nexus_${name}`)[0]?.value]).toEqual([name, 0]);
    expect(find(samples, 'nexus_agent_known')[0]?.value).toBe(1);
  });

  it('shows the endpoints of every service of the process', async () => {
    const requests = find(await scrape(), 'nexus_endpoint_requests_total');
    expect(new Set(requests.map(({ labels }) => labels['service']))).toEqual(
      new Set(['coordinator', 'routing']),
    );
    expect(requests.find(({ labels }) => labels['endpoint'] === 'agents-register')?.value).toBe(1);
  });

  it('has no label that a stranger can choose', async () => {
    const closed: Readonly<Record<string, readonly string[]>> = {
      type: goalTypes,
      algorithm: algorithmNames,
      layer: layerNames,
      status: statusSchema.options,
      outcome: ['done', 'failed', 'assigned'],
      error_type: errorCodes,
      service: ['coordinator', 'routing'],
    };
    const open = ['node', 'endpoint', 'reason', 'le'];
    const samples = (await scrape()).filter(({ name }) => name.startsWith('nexus_'));
    for (const { name, labels } of samples) {
      for (const [key, value] of Object.entries(labels)) {
        if (open.includes(key)) continue;
        expect([name, key, closed[key]?.includes(value)]).toEqual([name, key, true]);
      }
    }
    expect(JSON.stringify(samples)).not.toContain(agentId);
  });
});
