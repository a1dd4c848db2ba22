import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { metricsReplySchema } from '@nexus/contracts';
import { freePort } from '@nexus/platform/servers';
import { eventually, parsePrometheusText } from '@nexus/testing';
import { type ServiceProcess, startProcess } from './support/service-process.js';

// The one-process build with a sample fleet: what its metrics page and its command line tell of the same work.

const startTimeoutMs = 120_000;

let folder: string;
let dataDir: string;
let up: ServiceProcess;
let port: number;

const nexus = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startProcess({ args: ['scripts/nexus.mjs', ...args], env: { NEXUS_DATA_DIR: dataDir, ...env } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nexus-metrics-'));
  dataDir = join(folder, 'data');
  port = await freePort();
  const env = { NEXUS_HEALTH_PORT: String(port), NEXUS_HEALTH_HOST: '127.0.0.1' };
  up = nexus(['up', '--agents', '3', '--data-dir', dataDir], env);
  await eventually('the stack is ready', () => up.output().includes('nexus ready'), startTimeoutMs);
  const gathered = await eventually(
    'a gather is served',
    async () => {
      const ended = await nexus(['coordinate', 'gather', '--all', '--json']).ended;
      return ended.code === 0 && ended;
    },
    startTimeoutMs,
  );
  expect(gathered.stderr).toBe('');
}, 2 * startTimeoutMs);

afterAll(async () => {
  expect(await up?.end('SIGTERM')).toBe(0);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const visit = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

describe('the one process', () => {
  it('shows the metrics of all its services on one page', async () => {
    const samples = parsePrometheusText(await (await visit('/metrics')).text());
    const of = (name: string) => samples.filter((sample) => sample.name === name);
    const services = new Set(of('nexus_endpoint_requests_total').map(({ labels }) => labels['service']));
    expect([...services].sort()).toEqual(['consensus', 'coordinator', 'gossip', 'intelligence', 'routing']);
    const [gathers] = of('nexus_coordination_duration_seconds_count').filter(
      ({ labels }) => labels['type'] === 'gather',
    );
    expect(gathers?.value).toBeGreaterThanOrEqual(1);
  });

  it('is ready when each of its services is', async () => {
    const { status, checks } = (await (await visit('/health/ready')).json()) as {
      status: string;
      checks: Record<string, unknown>;
    };
    expect(status).toBe('up');
    const names = Object.keys(checks).map((name) => name.replace(/-[^.]+\./, '.'));
    expect(names).toEqual(
      expect.arrayContaining(['consensus.nats', 'coordinator.redis', 'intelligence.redis', 'routing.nats']),
    );
  });
});

describe('nexus metrics', () => {
  it('shows a line a type and algorithm', async () => {
    const { code, stdout } = await nexus(['metrics']).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^figures of all coordinators$/m);
    // One that was asked for before the agents were there was refused.
    expect(stdout).toMatch(/^gather +- +\d+ +0 +0 +\d+ +- +- +\d/m);
  });

  it('gives programs the reply of the contract', async () => {
    const { stdout } = await nexus(['metrics', '--agents', '0', '--json']).ended;
    const reply = metricsReplySchema.parse(JSON.parse(stdout));
    expect(reply.scope).toBe('all');
    expect(reply.assignments).toEqual([]);
    expect(reply.coordinations.find(({ type }) => type === 'gather')?.complete).toBeGreaterThanOrEqual(1);
  });

  it('says what to do when no coordinator answers', async () => {
    const { code, stderr } = await nexus(['metrics', '--prefix', 'elsewhere']).ended;
    expect(code).not.toBe(0);
    expect(stderr).toContain('start a coordinator, or the whole stack with nexus up');
  });
});
