// Takes round-robin numbers as a coordinator does: `taker.js <redisUrl> <count> <seed> <out>`. It writes down how many
// numbers follow each first one, and whether they were said to be nobody else's.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { LeasedNumbers } from '@nexus/balancer';
import { RedisConnection, RedisRoundRobinCounter } from '@nexus/platform/redis';
import { SeededRandom } from '@nexus/testing';
import { numbersPrefix, numbersSeries, type Taken } from './taken.js';

const [, , url = '', count = '0', seed = '0', out = ''] = process.argv;

const connectWithinMs = 10_000;
/** Now and then nobody asks for a while: blocks grow and shrink. */
const quiet = { chance: 0.01, maxMs: 120 };
const atOnceMax = 16;
const countMax = 8;
const manyChance = 0.001;
const manyMax = 2_000;

const redis = RedisConnection.open({ url, prefix: numbersPrefix, name: 'taker' });
await redis.whenConnected(connectWithinMs);
// All begin at once: those who take one after the other have nothing to dispute.
process.send?.('ready');
await once(process, 'message');
const now = () => performance.now();
const leased = new LeasedNumbers({ source: new RedisRoundRobinCounter(redis), now });
const random = new SeededRandom(Number(seed), basename(out));
const taken: Taken[] = [];

for (let left = Number(count); left > 0;) {
  const wishes: number[] = [];
  for (let n = random.integer(1, atOnceMax); n > 0 && left > 0; n -= 1) {
    const wish = Math.min(left, random.integer(1, random.chance(manyChance) ? manyMax : countMax));
    left -= wish;
    wishes.push(wish);
  }
  const numbers = await Promise.all(wishes.map(async (wish) => leased.take(numbersSeries, wish)));
  numbers.forEach(({ first, shared }, at) => taken.push([first, wishes[at]!, shared]));
  if (random.chance(quiet.chance)) await pause(random.between(1, quiet.maxMs));
  else await turn();
}
writeFileSync(out, JSON.stringify(taken));
process.exit(0);
