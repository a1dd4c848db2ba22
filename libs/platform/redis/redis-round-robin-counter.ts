import { type RoundRobinCounter } from '@nexus/core/balancing';
import { type RedisConnection } from './redis-connection.js';
import { RedisScript } from './redis-script.js';

/** Lists of ids are endless in number, so the counters of unused ones go; those of groups and capabilities stay. */
const idsTtlMs = 24 * 3_600_000;

const take = new RedisScript(`
local last = redis.call('INCRBY', KEYS[1], ARGV[1])
if tonumber(ARGV[2]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
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
    const ttlMs = targetSet.startsWith('ids:') ? idsTtlMs : 0;
    const end = await this.connection.script(take, { keys: [key], args: [count, ttlMs] });
    return Number(end) - count;
  }
}
