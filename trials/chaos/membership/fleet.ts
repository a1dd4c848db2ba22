import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startServers, type Servers } from '@nexus/platform/servers';
import { NexusClient } from '@nexus/sdk';
import { infraDir } from '@nexus/testing';
import { gossipRoundOf } from '../chaos.config.js';
import { until } from '../waiting.js';
import { castOf, type Part, type Role } from './cast.js';
import { fleetGroup } from './load/broadcast.js';
import { type Life } from './members/life.js';
import { MemberProcess } from './members/member-process.js';

export interface FleetOptions {
  readonly services: number;
  readonly agents: number;
  /** Between two rounds of gossip, in milliseconds. */
  readonly roundMs: number;
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const prefix = 'chaos';
const startsWithinMs = 300_000;
/** Processes that start at once: two cores start no more of them any sooner. */
const rowSize = 6;
const lookTimeoutMs = 2_000;

/** Real services and agents on servers of their own. */
export class Fleet {
  private constructor(
    private readonly options: FleetOptions,
    private readonly servers: Servers,
    readonly members: readonly MemberProcess[],
    /** Asks as a user does. */
    readonly client: NexusClient,
  ) {}

  /** Starts servers, services and agents; returns when all of them take part and serve. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { folder, services, agents, say } = options;
    await mkdir(join(folder, 'logs'), { recursive: true });
    const servers = await startServers({
      dataDir: join(folder, 'servers'),
      infraDir: infraDir(),
      ports: { nats: 0, redis: 0 },
      supervise: false,
      log: say,
    });
    const cast = castOf(services, agents);
    const client = await NexusClient.connect({
      servers: servers.nats.url,
      prefix,
      name: 'chaos client',
    }).catch(async (error: unknown) => {
      await servers.stop();
      throw error;
    });
    const members = cast.map((part) => processOf(part, { cast, servers, options }));
    const fleet = new Fleet(options, servers, members, client);
    try {
      await fleet.begin();
      return fleet;
    } catch (error) {
      await fleet.end();
      throw error;
    }
  }

  /** Every life of every member. */
  get lives(): Life[] {
    return this.members.flatMap(({ lives }) => lives);
  }

  /** The members of a role that do not take part at this moment. */
  down(role: Role): number {
    return this.members.filter(({ part, life }) => part.role === role && !takesPart(life)).length;
  }

  count(role: Role): number {
    return this.members.filter(({ part }) => part.role === role).length;
  }

  /** Waits until every process runs, takes part in the gossip and, of agents, is registered. */
  async whole(withinMs = startsWithinMs): Promise<void> {
    const { signal } = this.options;
    await until('every member takes part', { withinMs, everyMs: 50, signal }, () =>
      Promise.resolve(this.members.every(({ life }) => takesPart(life)) || undefined),
    );
  }

  /** Ends everything, whatever state it is in. */
  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await this.client.close();
    await this.servers.stop();
  }

  private async begin(): Promise<void> {
    const { say, signal } = this.options;
    const services = this.members.filter(({ part }) => part.role !== 'agent');
    const agents = this.members.filter(({ part }) => part.role === 'agent');
    const patience = { withinMs: startsWithinMs, everyMs: 100, signal };
    say(`starting ${services.length} services`);
    await this.startInRows(services);
    await until('the log serves', patience, () => this.logServes());
    say(`starting ${agents.length} agents`);
    await this.startInRows(agents);
    await until('all agents can be asked', patience, () => this.agentsServe(agents.length));
  }

  private async startInRows(members: readonly MemberProcess[]): Promise<void> {
    const { signal } = this.options;
    for (let at = 0; at < members.length; at += rowSize) {
      const row = members.slice(at, at + rowSize);
      await Promise.all(row.map((member) => member.start()));
      await until('a row of processes takes part', { withinMs: startsWithinMs, everyMs: 20, signal }, () =>
        Promise.resolve(row.every(({ life }) => takesPart(life)) || undefined),
      );
    }
  }

  private async logServes(): Promise<true | undefined> {
    try {
      await this.client.propose({ type: 'put', key: 'begin', value: 1 }, { timeoutMs: lookTimeoutMs });
      return true;
    } catch {
      return undefined;
    }
  }

  private async agentsServe(count: number): Promise<true | undefined> {
    try {
      const { result } = await this.client.gather({ group: fleetGroup }, { timeoutMs: lookTimeoutMs });
      return result.responses.length === count || undefined;
    } catch {
      return undefined;
    }
  }
}

function takesPart(life: Life | undefined): boolean {
  if (life?.joinedAtMs === undefined) return false;
  return life.role !== 'agent' || life.registeredAtMs !== undefined;
}

interface Surroundings {
  readonly cast: readonly Part[];
  readonly servers: Servers;
  readonly options: FleetOptions;
}

function processOf(part: Part, { cast, servers, options }: Surroundings): MemberProcess {
  const { folder } = options;
  const logPath = join(folder, 'logs', `${part.id}.log`);
  const natsAndRedis = { NEXUS_NATS_URL: servers.nats.url, NEXUS_REDIS_URL: servers.redis.url };
  const variables = {
    ...natsAndRedis,
    NEXUS_PREFIX: prefix,
    NEXUS_LOG_LEVEL: 'warn',
    ...gossipRoundOf(options.roundMs),
  };
  if (part.role === 'agent') {
    const entry = 'trials/chaos/membership/members/agent.js';
    return new MemberProcess(part, { entry, args: [servers.nats.url, prefix, part.id], variables, logPath });
  }
  const replicas = cast.filter(({ role }) => role === 'consensus').map(({ id }) => id);
  const ofLog = {
    NEXUS_CONSENSUS_REPLICA_ID: part.id,
    NEXUS_CONSENSUS_REPLICAS: replicas.join(','),
    NEXUS_CONSENSUS_DATA_DIR: join(folder, 'data'),
    NEXUS_CONSENSUS_TIMING: 'lan',
  };
  const own = { NEXUS_NODE_ID: part.id, ...(part.role === 'consensus' && ofLog) };
  return new MemberProcess(part, {
    entry: `apps/${part.role}/src/main.js`,
    variables: { ...variables, ...own },
    logPath,
  });
}
