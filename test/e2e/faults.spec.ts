import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorCodes } from '@nexus/contracts';
import { NexusClient } from '@nexus/sdk';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { freePort } from '../../libs/platform/servers/ports.js';
import { isHealthy, repository, type ServiceProcess, startProcess } from './support/service-process.js';
import { WorkLoad, type WorkOutcome } from './support/work-load.js';

// Real processes under load, killed for real. What was accepted is answered, or fails with a typed error inside its
// deadline; no unit of work runs twice unless its agent died; afterwards all is as before, and nothing of Nexus was
// restarted.

const agentIds = ['recorder-1', 'recorder-2', 'recorder-3', 'recorder-4'];
const timeoutMs = 12_000;
/** The client's own patience beyond a goal's time-out, with room for a busy machine. */
const graceMs = 5_000;

describe('faults under load', () => {
  let servers: TestServers;
  let folder: string;
  let record: string;
  const services = new Map<string, ServiceProcess>();
  const agents = new Map<string, ChildProcess>();

  const startService = async (app: string, name: string) => {
    const port = await freePort();
    const env = {
      NEXUS_NATS_URL: servers.natsUrl,
      NEXUS_REDIS_URL: servers.redisUrl,
      NEXUS_NODE_ID: name,
      NEXUS_HEALTH_PORT: String(port),
    };
    services.set(name, startProcess({ args: [`dist/apps/${app}/src/main.js`], env }));
    await eventually(`${name} is ready`, () => isHealthy(port));
  };

  beforeEach(async () => {
    servers = await startTestServers();
    folder = mkdtempSync(join(tmpdir(), 'nexus-faults-'));
    record = join(folder, 'executions.log');
    writeFileSync(record, '');
    await startService('routing', 'routing-1');
    await Promise.all(['coordinator-1', 'coordinator-2'].map((name) => startService('coordinator', name)));
    for (const agentId of agentIds) {
      const script = join(repository, 'test/e2e/support/recording-agent.mjs');
      agents.set(agentId, fork(script, [agentId, servers.natsUrl, record], { execArgv: [] }));
    }
    await eventually('the agents answer', () => fleetAnswers(agentIds.length));
  }, 90_000);

  afterEach(async () => {
    for (const agent of agents.values()) agent.kill('SIGKILL');
    for (const service of services.values()) await service.end('SIGKILL');
    agents.clear();
    services.clear();
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** Whether a gather from the fleet is answered by so many agents, in full. */
  const fleetAnswers = async (count: number): Promise<true | undefined> => {
    const client = await NexusClient.connect({ servers: servers.natsUrl, userId: 'probe' });
    try {
      const { status, result } = await client.gather({ group: 'recorders' }, { timeoutMs: 2_000 });
      return status === 'complete' && result.responses.length === count ? true : undefined;
    } catch {
      return undefined;
    } finally {
      await client.close();
    }
  };

  const startLoad = () => WorkLoad.start({ natsUrl: servers.natsUrl, timeoutMs, parallel: 6 });

  /** Waits until so many further requests have been served in full. */
  const served = (load: WorkLoad, more: number) => {
    const target = load.completed + more;
    return eventually(
      `${more} more requests are served`,
      () => (load.completed >= target ? true : undefined),
      60_000,
    );
  };

  /** Who ran each unit, in order. */
  const executions = (): Map<string, string[]> => {
    const byUnit = new Map<string, string[]>();
    for (const line of readFileSync(record, 'utf8').trim().split('\n')) {
      const [unit = '', agentId = ''] = line.split(' ');
      byUnit.set(unit, [...(byUnit.get(unit) ?? []), agentId]);
    }
    return byUnit;
  };

  const expectAccountedFor = (outcomes: readonly WorkOutcome[]) => {
    expect(outcomes.length).toBeGreaterThan(0);
    for (const { units, codes, durationMs } of outcomes) {
      for (const code of codes) expect(['ok', ...errorCodes]).toContain(code);
      if (codes.length > 1) expect(codes).toHaveLength(units.length);
      expect(durationMs).toBeLessThan(timeoutMs + graceMs);
    }
  };

  it('gives the work of a killed agent to others, and runs no other unit twice', async () => {
    const load = await startLoad();
    await served(load, 10);
    agents.get('recorder-2')!.kill('SIGKILL');
    await served(load, 30);
    const outcomes = await load.stop();
    expectAccountedFor(outcomes);
    expect(outcomes.flatMap(({ codes }) => codes).filter((code) => code !== 'ok')).toEqual([]);
    for (const [unit, runs] of executions()) {
      expect({ unit, rerun: runs.slice(0, -1).filter((agentId) => agentId !== 'recorder-2') }).toEqual({
        unit,
        rerun: [],
      });
    }
    expect(await eventually('the others answer', () => fleetAnswers(agentIds.length - 1))).toBe(true);
  }, 120_000);

  it('survives a killed redis-server', async () => {
    const load = await startLoad();
    await served(load, 10);
    servers.redis.kill('SIGKILL');
    await eventually('the outage is felt', () =>
      load.outcomes.some(({ codes }) => codes.includes('unavailable')) ? true : undefined,
    );
    await servers.redis.restart();
    await served(load, 20);
    expectAccountedFor(await load.stop());
    for (const [unit, runs] of executions()) expect({ unit, runs: runs.length }).toEqual({ unit, runs: 1 });
    expect(await eventually('the whole fleet answers', () => fleetAnswers(agentIds.length))).toBe(true);
  }, 120_000);

  it('survives a killed nats-server that is back after 5 s', async () => {
    const load = await startLoad();
    await served(load, 10);
    servers.nats.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await servers.nats.restart();
    await served(load, 20);
    expectAccountedFor(await load.stop());
    for (const [unit, runs] of executions()) expect({ unit, runs: runs.length }).toEqual({ unit, runs: 1 });
    expect(await eventually('the whole fleet answers', () => fleetAnswers(agentIds.length))).toBe(true);
  }, 120_000);

  it('loses no request when a coordinator is told to end', async () => {
    const load = await startLoad();
    await served(load, 10);
    expect(await services.get('coordinator-1')!.end('SIGTERM')).toBe(0);
    await served(load, 30);
    const outcomes = await load.stop();
    expectAccountedFor(outcomes);
    expect(outcomes.flatMap(({ codes }) => codes).filter((code) => code !== 'ok')).toEqual([]);
    for (const [unit, runs] of executions()) expect({ unit, runs: runs.length }).toEqual({ unit, runs: 1 });
  }, 120_000);
});
