import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startServers, type Servers } from '@nexus/platform/servers';
import { NexusClient } from '@nexus/sdk';
import { infraDir } from '@nexus/testing';
import { NodeProcess } from '../processes/node-process.js';
import { DidNotHappen, until } from '../waiting.js';
import { workersGroup } from './load/unit.js';
import { readRecord, recordBytes, type Run } from './members/record.js';

export interface FleetOptions {
  readonly agents: number;
  readonly coordinators: number;
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const prefix = 'chaos';
const startsWithinMs = 300_000;
/** Processes that start at once: two cores start no more of them any sooner. */
const rowSize = 6;
const lookTimeoutMs = 2_000;
/** While there is work an agent begins a unit every few milliseconds. */
const beginsWithinMs = 2_000;

interface AgentProcess {
  readonly agentId: string;
  readonly process: NodeProcess;
  readonly record: string;
}

/** Real coordinators and agents on servers of their own. */
export class Fleet {
  readonly agents: readonly AgentProcess[];
  private readonly services: readonly NodeProcess[];

  private constructor(
    private readonly options: FleetOptions,
    readonly servers: Servers,
    /** Asks as a user does; repeats nothing, and names no request: what is named needs Redis. */
    readonly client: NexusClient,
  ) {
    const { agents, coordinators } = options;
    const named = (role: string, count: number) =>
      Array.from({ length: count }, (_, at) => `${role}-${at + 1}`);
    this.services = [
      ...named('routing', 1).map((id) => this.serviceOf('routing', id)),
      ...named('coordinator', coordinators).map((id) => this.serviceOf('coordinator', id)),
    ];
    this.agents = named('agent', agents).map((id) => this.agentOf(id));
  }

  /** Starts servers, services and agents; returns when all agents can be asked through the coordinators. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { folder, say } = options;
    await mkdir(join(folder, 'logs'), { recursive: true });
    await mkdir(join(folder, 'runs'), { recursive: true });
    const servers = await startServers({
      dataDir: join(folder, 'servers'),
      infraDir: infraDir(),
      ports: { nats: 0, redis: 0 },
      supervise: false,
      log: say,
    });
    const client = await NexusClient.connect({
      ...{ servers: servers.nats.url, prefix, name: 'chaos client', retry: false },
    }).catch(async (error: unknown) => {
      await servers.stop();
      throw error;
    });
    const fleet = new Fleet(options, servers, client);
    try {
      await fleet.begin();
      return fleet;
    } catch (error) {
      await fleet.end();
      throw error;
    }
  }

  /** Ends an agent as a crash does, at the moment in which it begins a unit; without regard to that after a while. */
  async killInFlight(agentId: string): Promise<void> {
    const victim = this.agents.find((agent) => agent.agentId === agentId)!;
    const bytes = await recordBytes(victim.record);
    const patience = { withinMs: beginsWithinMs, everyMs: 1, signal: this.options.signal };
    await until('it begins a unit', patience, async () => {
      return (await recordBytes(victim.record)) > bytes || undefined;
    }).catch((error: unknown) => {
      if (!(error instanceof DidNotHappen)) throw error;
    });
    await victim.process.kill();
  }

  /** All that agents have written down. */
  async runs(): Promise<Run[]> {
    const each = await Promise.all(this.agents.map(({ agentId, record }) => readRecord(agentId, record)));
    return each.flat();
  }

  /** Ends everything, whatever state it is in. */
  async end(): Promise<void> {
    const processes = [...this.services, ...this.agents.map(({ process }) => process)];
    await Promise.all(processes.map((process) => process.kill()));
    await this.client.close();
    await this.servers.stop();
  }

  private async begin(): Promise<void> {
    const { say, signal, agents } = this.options;
    say(`starting ${this.services.length} services and ${agents} agents`);
    await Promise.all(this.services.map((service) => service.start()));
    for (let at = 0; at < agents; at += rowSize) {
      const row = this.agents.slice(at, at + rowSize);
      let registered = 0;
      await Promise.all(row.map(({ process }) => process.start(() => (registered += 1))));
      await until('a row of agents is registered', { withinMs: startsWithinMs, everyMs: 20, signal }, () =>
        Promise.resolve(registered === row.length || undefined),
      );
    }
    const patience = { withinMs: startsWithinMs, everyMs: 100, signal };
    await until('all agents can be asked', patience, () => this.agentsServe());
  }

  private async agentsServe(): Promise<true | undefined> {
    try {
      const { result } = await this.client.gather({ group: workersGroup }, { timeoutMs: lookTimeoutMs });
      return result.responses.length === this.options.agents || undefined;
    } catch {
      return undefined;
    }
  }

  private serviceOf(role: 'routing' | 'coordinator', id: string): NodeProcess {
    return this.processOf(id, { entry: `apps/${role}/src/main.js`, args: [] });
  }

  private agentOf(agentId: string): AgentProcess {
    const record = join(this.options.folder, 'runs', agentId);
    const args = [this.servers.nats.url, prefix, agentId, record];
    const process = this.processOf(agentId, { entry: 'trials/chaos/work/members/agent.js', args });
    return { agentId, process, record };
  }

  private processOf(name: string, program: { readonly entry: string; readonly args: readonly string[] }) {
    const { nats, redis } = this.servers;
    const variables = {
      ...{ NEXUS_NATS_URL: nats.url, NEXUS_REDIS_URL: redis.url, NEXUS_PREFIX: prefix },
      ...{ NEXUS_NODE_ID: name, NEXUS_LOG_LEVEL: 'warn' },
    };
    const logPath = join(this.options.folder, 'logs', `${name}.log`);
    return new NodeProcess({ ...program, name, preloads: [], variables, logPath });
  }
}
