import { redactUrl } from '@nexus/platform/config';
import { formatDuration } from '@nexus/platform/terminal';
import { fail, type Finding, ok, warn } from './finding.js';

const connectTimeoutMs = 3_000;

/** Whether Redis answers, and keeps what it is given. Its client is loaded here: no other command needs it. */
export async function inspectRedis(url: string): Promise<Finding> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: connectTimeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The same fault also rejects the call below.
  redis.on('error', () => undefined);
  const where = redactUrl(url);
  try {
    await redis.connect();
    const startedAt = performance.now();
    await redis.ping();
    const rttMs = performance.now() - startedAt;
    return judge(await redis.info(), `${where}, round trip ${formatDuration(rttMs)}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(
      `${where} does not answer: ${reason}`,
      'check NEXUS_REDIS_URL, or start a stack with nexus up',
    );
  } finally {
    redis.disconnect();
  }
}

/** @internal exported for its spec */
export function judge(info: string, where: string): Finding {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
  const message = `${where}, redis-server ${field('redis_version') ?? 'of unknown version'}`;
  const policy = field('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    return warn(`${message}, evicts by ${policy}`, 'set maxmemory-policy noeviction: routes must not vanish');
  }
  if (field('aof_enabled') === '0') {
    return warn(
      `${message}, no append-only file`,
      'set appendonly yes: counters restart after a crash without',
    );
  }
  return ok(message);
}
