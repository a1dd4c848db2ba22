import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { connect } from '@nats-io/transport-node';
import { formatBytes } from '@nexus/platform/terminal';
import { Redis } from 'ioredis';

/** Where the figures come from; only ratios within one run travel to another machine. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Processes that wanted a core before the benchmark began, as a mean over a minute: others' work, which disturbs it. */
  readonly busyBefore: number;
  readonly os: string;
  readonly node: string;
  readonly nats: string;
  readonly redis: string;
}

export async function describeMachine(natsUrl: string, redisUrl: string): Promise<Machine> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    busyBefore: loadavg()[0] ?? 0,
    os: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    nats: await natsVersion(natsUrl),
    redis: await redisVersion(redisUrl),
  };
}

async function natsVersion(servers: string): Promise<string> {
  const connection = await connect({ servers });
  const version = connection.info?.version ?? 'unknown';
  await connection.close();
  return version;
}

async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url);
  const info = await redis.info('server');
  redis.disconnect();
  return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
}

/** One line that says where the figures come from. */
export const machineLine = (machine: Machine): string =>
  [
    `${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}`,
    machine.os,
    `Node ${machine.node}`,
    `nats-server ${machine.nats}`,
    `Redis ${machine.redis}`,
    `load before ${machine.busyBefore.toFixed(1)}`,
  ].join(' · ');
