import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpoints, type ReplicaStatus } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { type Ended, type ServiceProcess, startProcess } from './service-process.js';

export const prefix = 'disks';
const replicaIds = ['consensus-1', 'consensus-2', 'consensus-3'] as const;
const script = 'dist/apps/consensus/src/main.js';
const statusTimeoutMs = 2_000;
const wholeWithinMs = 90_000;

/** The way of starting a replica that is not the usual one. */
export interface StartOptions {
  /** The system refuses to let any file of the process grow beyond it. */
  readonly fileBytesMax?: number;
}

/** Three replicas of a group, each a process with a disk that can be treated badly, and elections only for a reason. */
export class ReplicaTrio {
  private readonly caller: Caller;
  private readonly running = new Map<string, ServiceProcess>();
  private readonly started: ServiceProcess[] = [];

  private constructor(
    private readonly folder: string,
    private readonly servers: TestServers,
    private readonly connection: Connection,
    private readonly environmentOf: (replicaId: string) => Readonly<Record<string, string>>,
  ) {
    this.caller = new Caller(connection, new ReplyInbox(connection), prefix);
  }

  /** @param environmentOf what a replica sees beside its configuration */
  static async start(
    environmentOf: (replicaId: string) => Readonly<Record<string, string>>,
  ): Promise<ReplicaTrio> {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-disks-'));
    const servers = await startTestServers({ nats: true });
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'disks' }).catch(
      async (error: unknown) => {
        await servers.stop();
        throw error;
      },
    );
    const trio = new ReplicaTrio(folder, servers, connection, environmentOf);
    for (const replicaId of replicaIds) trio.run(replicaId);
    return trio;
  }

  get natsUrl(): string {
    return this.servers.natsUrl;
  }

  /** Where a replica keeps its log. */
  logFolder(replicaId: string): string {
    return join(this.folder, replicaId);
  }

  /** Starts a replica that does not run; it serves later. */
  run(replicaId: string, { fileBytesMax }: StartOptions = {}): ServiceProcess {
    const env = {
      ...this.environmentOf(replicaId),
      NEXUS_NATS_URL: this.natsUrl,
      NEXUS_PREFIX: prefix,
      NEXUS_CONSENSUS_REPLICA_ID: replicaId,
      NEXUS_CONSENSUS_REPLICAS: replicaIds.join(','),
      NEXUS_CONSENSUS_DATA_DIR: this.folder,
      NEXUS_CONSENSUS_TIMING: 'lan',
    };
    const replica = startProcess({ ...commandFor(fileBytesMax), env });
    this.running.set(replicaId, replica);
    this.started.push(replica);
    return replica;
  }

  /** All that a replica wrote since it was started last. */
  output(replicaId: string): string {
    return this.running.get(replicaId)?.output() ?? '';
  }

  /** How a replica ended that was not asked to. */
  async ended(replicaId: string): Promise<Ended> {
    const replica = this.running.get(replicaId)!;
    const { child } = replica;
    await eventually(`${replicaId} ends`, () => child.exitCode !== null || child.signalCode !== null);
    return replica.ended;
  }

  /** Asks a replica to end in order. */
  async stop(replicaId: string): Promise<void> {
    const code = await this.running.get(replicaId)?.end('SIGTERM');
    if (code !== 0) throw new Error(`${replicaId} ended with ${code}:\n${this.output(replicaId)}`);
  }

  /** One that follows now. */
  async follower(): Promise<string> {
    const { leader } = await this.whole();
    return replicaIds.find((replicaId) => replicaId !== leader)!;
  }

  /** Waits until every replica votes, follows one leader, and has applied what was committed when this was called. */
  async whole(): Promise<{ readonly leader: string; readonly replicas: readonly ReplicaStatus[] }> {
    const target = Math.max(0, ...(await this.statuses()).map(({ commitIndex }) => commitIndex));
    return eventually(
      'three replicas vote, follow one leader and have caught up',
      async () => {
        const replicas = await this.statuses();
        const leader = replicas[0]?.leader;
        const agree = replicas.every(
          (status) =>
            status.leader === leader &&
            status.appliedIndex >= target &&
            status.members.learners.length === 0 &&
            [...status.members.voters].sort().join() === replicaIds.join(),
        );
        return replicas.length === replicaIds.length && leader && agree && { leader, replicas };
      },
      wholeWithinMs,
    );
  }

  async statusOf(replicaId: string): Promise<ReplicaStatus> {
    return this.caller.call(
      endpoints.consensusReplicaStatus,
      { replicaId },
      {},
      { timeoutMs: statusTimeoutMs },
    );
  }

  /** What a replica itself holds under a key. */
  async heldBy(replicaId: string, key: string): Promise<unknown> {
    const request = { key, consistency: 'local' as const };
    const reading = await this.caller.call(endpoints.consensusReplicaRead, { replicaId }, request, {
      timeoutMs: statusTimeoutMs,
    });
    return 'key' in reading ? reading.value : undefined;
  }

  /** Ends everything, whatever state it is in. */
  async end(): Promise<void> {
    await this.connection.close();
    await Promise.all(this.started.map((replica) => replica.end('SIGKILL')));
    await this.servers.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Of those that answer. */
  private async statuses(): Promise<ReplicaStatus[]> {
    const answers = replicaIds.map((replicaId) => this.statusOf(replicaId).catch(() => undefined));
    return (await Promise.all(answers)).filter((status) => status !== undefined);
  }
}

/** The unit of `ulimit -f` is 512 bytes, by POSIX. */
function commandFor(fileBytesMax: number | undefined): {
  readonly command?: string;
  readonly args: string[];
} {
  if (fileBytesMax === undefined) return { args: [script] };
  const run = `ulimit -f ${Math.ceil(fileBytesMax / 512)}; exec "$0" "$@"`;
  return { command: 'sh', args: ['-c', run, process.execPath, script] };
}
