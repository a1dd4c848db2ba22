import { arch, cpus, platform, release, totalmem } from 'node:os';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';

/** Where the figures come from; only ratios within one run travel to another machine. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
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
