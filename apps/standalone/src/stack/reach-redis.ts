import { NexusError } from '@nexus/contracts';
import { redactUrl } from '@nexus/platform/config';
import { RedisConnection } from '@nexus/platform/redis';

const redisTimeoutMs = 5_000;

/** Looks at a Redis that the user names before services do, which could only say that theirs does not answer. */
export async function reachRedis(url: string, prefix: string): Promise<void> {
  const redis = RedisConnection.open({ url, prefix, name: 'standalone' });
  try {
    await redis.whenConnected(redisTimeoutMs);
  } catch (cause) {
    throw new NexusError(
      'unavailable',
      `no Redis serves at ${redactUrl(url)}: start it or correct NEXUS_REDIS_URL; without it one is started here`,
      { cause },
    );
  } finally {
    await redis.close();
  }
}
