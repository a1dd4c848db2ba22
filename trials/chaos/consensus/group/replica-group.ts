import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { endpoints, type ReplicaStatus } from '@nexus/contracts';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { until } from '../../waiting.js';
import { Broker } from './broker.js';
import { ReplicaProcess } from './replica-process.js';

export interface GroupOptions {
  readonly folder: string;
  readonly replicas: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const prefix = 'chaos';
const statusTimeoutMs = 1_000;
const formsWithinMs = 60_000;
const backWithinMs = 60_000;
const stopGraceMs = 10_000;

/** How a group stands when it is whole: one leader, whom everybody follows. */
export interface Standing {
  readonly leader: string;
  readonly term: number;
}

/** Real replicas on a broker of their own. */
export class ReplicaGroup {
  private constructor(
    private readonly options: GroupOptions,
    readonly broker: Broker,
    readonly replicas: ReadonlyMap<string, ReplicaProcess>,
    private readonly connection: Connection,
  ) {
    this.caller = new Caller(connection, new ReplyInbox(connection), prefix);
  }

  /** Asks as a client does. */
  readonly caller: Caller;
  /** First token of every subject. */
  readonly prefix = prefix;

  /** Starts broker and replicas; returns when the group has formed and one of them leads. */
  static async start(options: GroupOptions): Promise<ReplicaGroup> {
    const { folder, log, signal } = options;
    const replicas = Array.from({ length: options.replicas }, (_, index) => `consensus-${index + 1}`);
    await mkdir(join(folder, 'logs'), { recursive: true });
    const broker = await Broker.start({ folder, prefix, replicas, log, signal });
    const processes = new Map(
      replicas.map((replicaId) => [replicaId, processOf(replicaId, { folder, broker, replicas })]),
    );
    const { user, password } = broker.credentialsOf('client');
    const auth = { user, pass: password };
    const connection = await Connection.open({ servers: broker.url, name: 'chaos client', auth }).catch(
      async (error: unknown) => {
        await broker.stop();
        throw error;
      },
    );
    const group = new ReplicaGroup(options, broker, processes, connection);
    try {
      await Promise.all([...processes.values()].map((replica) => replica.start()));
      await group.whole(formsWithinMs);
      return group;
    } catch (error) {
      await group.end();
      throw error;
    }
  }

  get ids(): string[] {
    return [...this.replicas.keys()];
  }

  replica(replicaId: string): ReplicaProcess {
    const replica = this.replicas.get(replicaId);
    if (replica === undefined) throw new RangeError(`no replica ${replicaId}`);
    return replica;
  }

  others(...replicaIds: readonly string[]): string[] {
    return this.ids.filter((id) => !replicaIds.includes(id));
  }

  /** How a replica says that it stands; undefined when it does not say. */
  async statusOf(replicaId: string, timeoutMs = statusTimeoutMs): Promise<ReplicaStatus | undefined> {
    try {
      return await this.caller.call(endpoints.consensusReplicaStatus, { replicaId }, {}, { timeoutMs });
    } catch {
      return undefined;
    }
  }

  /** Of those that answer. */
  async statuses(timeoutMs = statusTimeoutMs): Promise<ReplicaStatus[]> {
    const statuses = await Promise.all(this.ids.map((id) => this.statusOf(id, timeoutMs)));
    return statuses.filter((status) => status !== undefined);
  }

  /** Waits until every replica takes part, follows one leader, and has applied what was committed when this was called. */
  async whole(withinMs = backWithinMs): Promise<Standing> {
    const target = Math.max(0, ...(await this.statuses()).map(({ commitIndex }) => commitIndex));
    const patience = { withinMs, everyMs: 20, signal: this.options.signal };
    return until('every replica takes part and has caught up', patience, async () =>
      standingOf(await this.statuses(), { count: this.ids.length, target }),
    );
  }

  /** For how long each replica's event loop stood still, at the longest. */
  get longestStallMs(): Record<string, number> {
    return Object.fromEntries([...this.replicas].map(([id, { longestStallMs }]) => [id, longestStallMs]));
  }

  forgetStalls(): void {
    for (const replica of this.replicas.values()) replica.longestStallMs = 0;
  }

  /** Asks every replica to end, so that its log is closed. */
  async stopReplicas(): Promise<void> {
    await Promise.all([...this.replicas.values()].map((replica) => replica.stop(stopGraceMs)));
  }

  /** Ends everything, whatever state it is in. */
  async end(): Promise<void> {
    await Promise.all([...this.replicas.values()].map((replica) => replica.kill()));
    await this.connection.close();
    await this.broker.stop();
  }

  /** Where a replica keeps its log. */
  logFolder(replicaId: string): string {
    return join(dataFolder(this.options.folder), replicaId);
  }
}

const dataFolder = (folder: string) => join(folder, 'data');

function standingOf(
  statuses: readonly ReplicaStatus[],
  { count, target }: { readonly count: number; readonly target: number },
): Standing | undefined {
  const [first] = statuses;
  if (statuses.length < count || !first?.leader) return undefined;
  const { leader, term } = first;
  const isAgreed = statuses.every(
    (status) =>
      status.leader === leader &&
      status.term === term &&
      status.appliedIndex >= target &&
      status.members.voters.length === count &&
      (status.role === 'leader') === (status.replicaId === leader),
  );
  return isAgreed ? { leader, term } : undefined;
}

function processOf(
  replicaId: string,
  group: { readonly folder: string; readonly broker: Broker; readonly replicas: readonly string[] },
): ReplicaProcess {
  const { folder, broker, replicas } = group;
  const { user, password } = broker.credentialsOf(replicaId);
  return new ReplicaProcess({
    name: replicaId,
    logPath: join(folder, 'logs', `${replicaId}.log`),
    variables: {
      NEXUS_NATS_URL: broker.url,
      NEXUS_NATS_USER: user,
      NEXUS_NATS_PASSWORD: password,
      NEXUS_PREFIX: prefix,
      NEXUS_NODE_ID: replicaId,
      NEXUS_CONSENSUS_REPLICA_ID: replicaId,
      NEXUS_CONSENSUS_REPLICAS: replicas.join(','),
      NEXUS_CONSENSUS_DATA_DIR: dataFolder(folder),
    },
  });
}
