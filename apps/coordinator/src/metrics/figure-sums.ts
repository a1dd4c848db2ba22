import { type AlgorithmName, algorithmNames } from '@nexus/contracts';
import { type ItemCount } from '@nexus/core/metering';
import { type RedisConnection, RedisScript } from '@nexus/platform/redis';
import { type MetricKey, metricKeys } from './metric-key.js';
import { type Tally } from './tally.js';

/** What one coordinator counted since it told of it last. */
export interface Batch {
  /** Rises with every batch of this life of the coordinator. */
  readonly number: number;
  readonly growth: readonly { readonly key: MetricKey; readonly fields: readonly [string, number][] }[];
  readonly assigned: readonly {
    readonly algorithm: AlgorithmName;
    readonly agents: readonly ItemCount[];
  }[];
  readonly ejections: number;
}

/** What all coordinators counted together. */
export interface Sums {
  /** In the order of `metricKeys`. */
  readonly tallies: readonly Tally[];
  readonly assigned: ReadonlyMap<AlgorithmName, readonly ItemCount[]>;
  readonly ejections: number;
}

/** Figures that nobody adds to any more go. */
const unusedTtlMs = 30 * 24 * 3_600_000;
/** For so long a batch whose outcome is not known may be sent again, and still counts once. */
const memoryMs = 24 * 3_600_000;
/** Agents that are kept for an algorithm: more than anybody is told of, so that newcomers have time to rise. */
const agentsKept = 1_000;

/**
 * Adds a batch, once: the number of the last one is kept for each coordinator. It is noted before the sums, since a script
 * that Redis gives up midway is not undone: what is missing then is better than what counts twice.
 */
const add = new RedisScript(`
local number = tonumber(ARGV[1])
if tonumber(redis.call('GET', KEYS[1]) or '0') >= number then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local sums = cjson.decode(ARGV[5])
for at, counts in ipairs(sums) do
  local key = KEYS[at + 1]
  if counts.agents then
    for i = 1, #counts.agents, 2 do redis.call('ZINCRBY', key, counts.agents[i + 1], counts.agents[i]) end
    redis.call('ZREMRANGEBYRANK', key, 0, -1 - tonumber(ARGV[4]))
  else
    for i = 1, #counts.fields, 2 do redis.call('HINCRBY', key, counts.fields[i], counts.fields[i + 1]) end
  end
  redis.call('PEXPIRE', key, ARGV[3])
end
return 1
`);

/** The figures of all coordinators together, in Redis: a hash a key, a sorted set of agents an algorithm. */
export class FigureSums {
  /** @param life names this life of the coordinator */
  constructor(
    private readonly connection: RedisConnection,
    private readonly life: string,
  ) {}

  /**
   * Adds what is new. The same batch may be sent again when it is not known whether it arrived.
   * @returns false when it had been added before
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async add({ number, growth, assigned, ejections }: Batch): Promise<boolean> {
    const { keys } = this.connection;
    const sums = [
      ...growth.map(({ key, fields }) => [this.keyOf(key), { fields: fields.flat() }] as const),
      ...assigned.map(
        ({ algorithm, agents }) =>
          [
            this.agentsKeyOf(algorithm),
            { agents: agents.flatMap(({ item, count }) => [item, count]) },
          ] as const,
      ),
      ...(ejections > 0 ? [[this.totalsKey, { fields: ['ejections', ejections] }] as const] : []),
    ];
    const reply = await this.connection.script(add, {
      keys: [keys.of('metrics', 'told', this.life), ...sums.map(([key]) => key)],
      args: [number, memoryMs, unusedTtlMs, agentsKept, JSON.stringify(sums.map(([, counts]) => counts))],
    });
    return reply === 1;
  }

  /**
   * @param agentsMax how many agents to name for each algorithm
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async read(agentsMax: number): Promise<Sums> {
    return this.connection.run(async (redis) => {
      const topOf = async (algorithm: AlgorithmName) =>
        itemsOf(await redis.zrevrange(this.agentsKeyOf(algorithm), 0, agentsMax - 1, 'WITHSCORES'));
      const named = agentsMax > 0 ? algorithmNames : [];
      const [tallies, agents, ejections] = await Promise.all([
        Promise.all(metricKeys.map(async (key) => tallyFrom(await redis.hgetall(this.keyOf(key))))),
        Promise.all(named.map(topOf)),
        redis.hget(this.totalsKey, 'ejections'),
      ]);
      const assigned = new Map(named.map((algorithm, at) => [algorithm, agents[at]!]));
      return { tallies, assigned, ejections: Number(ejections ?? 0) };
    });
  }

  private keyOf({ type, algorithm }: MetricKey): string {
    return this.connection.keys.of('metrics', type, algorithm ?? '-');
  }

  private agentsKeyOf(algorithm: AlgorithmName): string {
    return this.connection.keys.of('metrics', 'assigned', algorithm);
  }

  private get totalsKey(): string {
    return this.connection.keys.of('metrics', 'totals');
  }
}

const tallyFrom = (fields: Readonly<Record<string, string>>): Tally =>
  new Map(Object.entries(fields).map(([name, count]) => [name, Number(count)]));

/** Members and their scores come in one list, by turns. */
function itemsOf(reply: readonly string[]): ItemCount[] {
  const items: ItemCount[] = [];
  for (let at = 0; at + 1 < reply.length; at += 2)
    items.push({ item: reply[at]!, count: Number(reply[at + 1]) });
  return items;
}
