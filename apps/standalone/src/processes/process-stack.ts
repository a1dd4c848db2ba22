import { join } from 'node:path';
import { prepareDataDir, type Servers, startServers, type SupervisedProcess } from '@nexus/platform/servers';
import { growing } from '../stack/growing.js';
import { reachRedis } from '../stack/reach-redis.js';
import { type ReplicaPlan, planReplicas } from '../stack/replica-plan.js';
import { type RunningStack } from '../stack/running-stack.js';
import { checkout, replicaVariables, type StandaloneConfig } from '../standalone.config.js';
import { logFile, type ServiceSpec, startService } from './service-process.js';
import { StackGuard } from './stack-guard.js';

export interface ProcessStackOptions {
  readonly config: StandaloneConfig;
  readonly dataDir: string;
  /** Replicas of the decision log; undefined: as many as there are, and at least three. */
  readonly replicas: number | undefined;
  /** Takes one line for people. */
  readonly say: (line: string) => void;
}

const replicasDefault = 3;
const coordinators = ['coordinator-1', 'coordinator-2'];

/** Every service as a process of its own, with NATS and Redis beside: what Compose runs, without containers. */
export class ProcessStack implements RunningStack {
  /** In the order in which they were started, a row for those that start together. */
  private readonly rows: SupervisedProcess[][] = [];

  private constructor(
    private readonly guard: StackGuard,
    private readonly servers: Servers,
  ) {}

  get natsUrl(): string {
    return this.servers.nats.url;
  }

  get redisUrl(): string {
    return this.servers.redis.url;
  }

  /**
   * Starts servers and services; when it returns, requests are served.
   * @throws NexusError `unavailable` when a server or a service does not start, `conflict` when another run holds the
   * data directory, `invalid_argument` when that cannot be used
   */
  static async start({ config, replicas, say, ...options }: ProcessStackOptions): Promise<ProcessStack> {
    const { natsUrl, redisUrl } = config;
    const dataDir = await prepareDataDir(options.dataDir);
    const plan = await planReplicas(dataDir, { replicas, atLeast: replicasDefault });
    if (redisUrl !== undefined) await reachRedis(redisUrl, config.prefix);
    const guard = StackGuard.watch(dataDir);
    try {
      const infraDir = join(checkout, 'infra');
      const servers = await startServers({ dataDir, infraDir, natsUrl, redisUrl, log: say });
      const stack = new ProcessStack(guard, servers);
      stack.sayServers(dataDir, say);
      try {
        const how = { config, dataDir, say };
        await growing({ plan, natsUrl: stack.natsUrl, ...how }, () => stack.startServices(plan, how));
        return stack;
      } catch (error) {
        await stack.stop();
        throw error;
      }
    } catch (error) {
      await guard.dismiss();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const row of this.rows.splice(0).reverse()) await Promise.all(row.map((one) => one.stop()));
    await this.servers.stop();
    await this.guard.dismiss();
  }

  private async startServices(plan: ReplicaPlan, how: Starting): Promise<void> {
    const { natsUrl, redisUrl } = this;
    const variables = { NEXUS_NATS_URL: natsUrl, NEXUS_REDIS_URL: redisUrl };
    const replicas = plan.replicaIds.map((replicaId): ServiceSpec => {
      const own = replicaVariables(replicaId, plan);
      return { name: replicaId, app: 'consensus', variables: { ...variables, ...own } };
    });
    const single = ['gossip', 'routing', 'intelligence'] as const;
    const others = single.map((app): ServiceSpec => ({ name: `${app}-1`, app, variables }));
    await this.startRow([...replicas, ...others], how);
    await this.startRow(
      coordinators.map((name): ServiceSpec => ({ name, app: 'coordinator', variables })),
      how,
    );
  }

  /** Starts services together; the first that fails ends the others. */
  private async startRow(specs: readonly ServiceSpec[], { config, dataDir, say }: Starting): Promise<void> {
    const failed = new AbortController();
    const { drainTimeoutMs } = config;
    const row: SupervisedProcess[] = [];
    this.rows.push(row);
    let first: unknown;
    const starts = specs.map(async (spec) => {
      try {
        const surroundings = { dataDir, drainTimeoutMs, log: say, signal: failed.signal };
        const started = await startService(spec, surroundings);
        row.push(started);
        say(lineOf(spec.name, started.pid, logFile(dataDir, spec.name)));
      } catch (error) {
        first ??= error;
        failed.abort();
      }
    });
    await Promise.all(starts);
    if (failed.signal.aborted) throw first;
  }

  private sayServers(dataDir: string, say: ProcessStackOptions['say']): void {
    const { nats, redis } = this.servers;
    if (nats.process) say(lineOf('nats-server', nats.process.pid, logFile(dataDir, 'nats-server')));
    if (redis.process) say(lineOf('redis-server', redis.process.pid, logFile(dataDir, 'redis-server')));
  }
}

type Starting = Pick<ProcessStackOptions, 'config' | 'dataDir' | 'say'>;

/** For people, and for programs that look for a process: the form is part of what they rely on. */
const lineOf = (name: string, pid: number | undefined, log: string) =>
  `${name} is ready (pid ${pid ?? 'none'}), log ${log}`;
