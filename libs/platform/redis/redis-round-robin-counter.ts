import { type RoundRobinCounter } from '@nexus/core/balancing';
import { type RedisConnection } from './redis-connection.js';
import { RedisScript } from './redis-script.js';

/** Target sets are endless in number, so counters that nobody uses go; a set that is used again starts at 0. */
const unusedTtlMs = 24 * 3_600_000;

const take = new RedisScript(`
local last = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return last
`);

/** Round-robin numbers of all coordinators together: each is handed out once. */
export class RedisRoundRobinCounter implements RoundRobinCounter {
  constructor(private readonly connection: RedisConnection) {}

  /**
   * Reserves `count` consecutive numbers of this set of agents.
   * @param targetSet its key, as `group:workers`, `all` or `ids:<fingerprint>`
   * @returns the first of them, from 0
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async take(targetSet: string, count: number): Promise<number> {
    const key = this.connection.keys.of('rr', ...targetSet.split(':'));
    const end = await this.connection.script(take, { keys: [key], args: [count, unusedTtlMs] });
    return Number(end) - count;
  }
}
