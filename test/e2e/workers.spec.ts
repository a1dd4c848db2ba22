import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { freePort } from '@nexus/platform/servers';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';
import { isHealthy, type ServiceProcess, startProcess } from './support/service-process.js';

let stack: TestStack;
let nats: NatsConnection;
const supervisors: ServiceProcess[] = [];

beforeAll(async () => {
  stack = await startTestStack({ replicas: 1, coordinators: 0 });
  nats = await connect({ servers: stack.natsUrl });
});

afterAll(async () => {
  await Promise.all(supervisors.map((supervisor) => supervisor.end('SIGTERM')));
  await nats.close();
  await stack.stop();
});

/** A coordinator of two workers, both ready. */
async function startTwo(nodeId: string): Promise<{ supervisor: ServiceProcess; healthPort: number }> {
  const healthPort = await freePort();
  const env = {
    ...{ NEXUS_NATS_URL: stack.natsUrl, NEXUS_REDIS_URL: stack.redisUrl, NEXUS_NODE_ID: nodeId },
    ...{ NEXUS_WORKERS: '2', NEXUS_HEALTH_PORT: String(healthPort), NEXUS_HEALTH_HOST: '127.0.0.1' },
  };
  const supervisor = startProcess({ args: ['dist/apps/coordinator/src/main.js'], env });
  supervisors.push(supervisor);
  await eventually('it is ready', () => isHealthy(healthPort));
  return { supervisor, healthPort };
}

/** The processes whose parent this is. */
const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((entry) => parentOf(entry) === pid);

function parentOf(pid: number): number | undefined {
  try {
    // After the name in parentheses: state, then parent.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

const isThere = (pid: number) => parentOf(pid) !== undefined;

/** The coordinators that answer to discovery, by their ids. */
async function serving(): Promise<string[]> {
  const answers = await nats.requestMany('$SRV.PING.nexus-coordinator', '', {
    strategy: 'timer',
    maxWait: 300,
  });
  const ids: string[] = [];
  for await (const answer of answers) ids.push(answer.json<{ id: string }>().id);
  return ids.sort();
}

describe('a coordinator of two workers', () => {
  it('serves with both, brings a killed one back, and ends with all of them', async () => {
    const { supervisor, healthPort } = await startTwo('crew');
    const first = await serving();
    expect(first.map((id) => id.split('-').slice(0, 2).join('-'))).toEqual(['crew-1', 'crew-2']);
    expect(supervisor.output()).toMatch(/"placement: /);
    const workers = childrenOf(supervisor.child.pid!);
    expect(workers).toHaveLength(2);

    process.kill(workers[0]!, 'SIGKILL');
    await eventually('it is not ready', async () => !(await isHealthy(healthPort)));
    await eventually('it is ready again', () => isHealthy(healthPort));
    const second = await serving();
    expect(second).toHaveLength(2);
    // Another life of the one, and the same of the other.
    expect(second.filter((id) => first.includes(id))).toHaveLength(1);

    const all = childrenOf(supervisor.child.pid!);
    expect(await supervisor.end('SIGTERM')).toBe(0);
    expect(all.filter(isThere)).toEqual([]);
    await expect(serving()).rejects.toThrow(/no responders/);
  });

  it('leaves no worker behind when it is killed itself', async () => {
    const { supervisor } = await startTwo('orphans');
    const workers = childrenOf(supervisor.child.pid!);
    expect(workers).toHaveLength(2);
    expect(await supervisor.end('SIGKILL')).toBe('SIGKILL');
    await eventually('the workers have ended', () => !workers.some(isThere));
  });
});
