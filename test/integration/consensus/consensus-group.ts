import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { type BootedService, bootService, nameInstance } from '@nexus/platform/service';
import {
  type Command,
  type ConsensusStatus,
  consensusStatusReplySchema,
  type ProposeReply,
  type ReplicaStatus,
} from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { pino } from 'pino';
import { loadConsensusConfig } from '../../../apps/consensus/src/consensus.config.js';
import { consensusBlueprint } from '../../../apps/consensus/src/consensus.module.js';
import { PeerConnection } from '../../../apps/consensus/src/host/peer-connection.js';
import { ReplicaHost } from '../../../apps/consensus/src/host/replica-host.js';
import { headersOf } from '../support/scripted-fleet.js';

type Body = Record<string, unknown>;

/** Whoever asked a replica that was gone a moment later hears nothing, and asks again. */
const answerMs = 12_000;
const statusMs = 2_500;

export interface GroupOptions {
  readonly replicas?: readonly string[];
  readonly storage?: 'lmdb' | 'memory';
  readonly timing?: 'local' | 'lan';
  readonly env?: Readonly<Record<string, string>>;
}

/** An error reply. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly leader?: string;
  readonly leaderSubject?: string;
}

const silent = pino({ level: process.env['NEXUS_TEST_LOG'] ?? 'silent' });

/** Replicas of one group in this process, on a NATS server of their own. */
export class ConsensusGroup {
  readonly running = new Map<string, BootedService>();
  /** Why replicas ended for good, by name. */
  readonly failures = new Map<string, Error>();

  private constructor(
    readonly servers: TestServers,
    readonly nats: NatsConnection,
    private readonly options: GroupOptions,
  ) {}

  static async start(options: GroupOptions = {}): Promise<ConsensusGroup> {
    const servers = await startTestServers({ nats: true });
    const nats = await connect({
      servers: servers.natsUrl,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    const group = new ConsensusGroup(servers, nats, options);
    try {
      await Promise.all(group.names.map((name) => group.startReplica(name)));
      await group.settled();
      return group;
    } catch (error) {
      await group.stop();
      throw error;
    }
  }

  get names(): readonly string[] {
    return this.options.replicas ?? ['c1', 'c2', 'c3'];
  }

  directoryOf(name: string): string {
    return join(this.servers.dataDir, 'consensus', name);
  }

  async startReplica(name: string, env: Readonly<Record<string, string>> = {}): Promise<BootedService> {
    const dataDir = join(this.servers.dataDir, 'consensus');
    await mkdir(dataDir, { recursive: true });
    const config = loadConsensusConfig({
      NEXUS_NATS_URL: this.servers.natsUrl,
      NEXUS_CONSENSUS_REPLICA_ID: name,
      NEXUS_CONSENSUS_REPLICAS: this.names.join(','),
      NEXUS_CONSENSUS_STORAGE: this.options.storage ?? 'memory',
      NEXUS_CONSENSUS_DATA_DIR: dataDir,
      NEXUS_CONSENSUS_TIMING: this.options.timing ?? 'local',
      ...this.options.env,
      ...env,
    });
    const blueprint = consensusBlueprint((error) => this.failures.set(name, error));
    const instance = nameInstance('consensus', name);
    const service = await bootService(blueprint, { config, instance, logger: silent });
    this.running.set(name, service);
    return service;
  }

  /** Ends a replica in order. */
  async stopReplica(name: string): Promise<void> {
    const service = this.running.get(name);
    this.running.delete(name);
    await service?.close();
  }

  /** Cuts a replica off from one moment to the next, as if its process were gone; then frees what it holds. */
  async crashReplica(name: string): Promise<void> {
    const service = this.running.get(name);
    if (service === undefined) throw new Error(`${name} does not run`);
    this.running.delete(name);
    await service.running.app.get(PeerConnection).connection.nats.close();
    await service.running.connection.nats.close();
    await service.close();
  }

  /** Ends every replica. Nobody will be there to take over, so no leader is given the time to hand over. */
  async stopReplicas(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ running }) => running.app.get(ReplicaHost).stop()));
    await Promise.all([...this.running.keys()].map((name) => this.stopReplica(name)));
  }

  async stop(): Promise<void> {
    await this.stopReplicas();
    await this.nats.close();
    await this.servers.stop();
  }

  /** All members follow one leader and have applied the same. */
  settled(count = this.names.length): Promise<ConsensusStatus> {
    return eventually('the group is settled', async () => {
      const status = await this.status().catch(() => undefined);
      if (status === undefined || status.leader === null || status.replicas.length < count) return undefined;
      const [first] = status.replicas;
      const alike = status.replicas.every(
        (replica) =>
          replica.leader === status.leader &&
          replica.term === status.term &&
          replica.appliedIndex === replica.lastIndex &&
          replica.lastIndex === first?.lastIndex &&
          replica.members.voters.length >= count,
      );
      return alike ? status : undefined;
    });
  }

  async status(): Promise<ConsensusStatus> {
    const reply = await this.nats.request('nexus.consensus.status', '', { timeout: statusMs });
    return consensusStatusReplySchema.parse(reply.json());
  }

  async statusOf(name: string): Promise<ReplicaStatus> {
    return (await this.request(`consensus.${name}.status`, {})) as unknown as ReplicaStatus;
  }

  async leader(): Promise<string> {
    const { leader } = await this.settled(this.running.size);
    return leader ?? '';
  }

  async follower(): Promise<string> {
    const leader = await this.leader();
    return [...this.running.keys()].find((name) => name !== leader) ?? '';
  }

  propose(command: Body | Command, fields: Body = {}): Promise<ProposeReply> {
    return this.request('consensus.propose', { command, ...fields }) as unknown as Promise<ProposeReply>;
  }

  read(query: Body): Promise<Body> {
    return this.request('consensus.read', query);
  }

  /** The body of a reply that is no error; subjects are below the prefix. */
  async request(subject: string, body: unknown, marks: Readonly<Record<string, string>> = {}): Promise<Body> {
    const reply = await this.send(subject, JSON.stringify(body), marks);
    const fault = faultOf(reply);
    if (fault) throw Object.assign(new Error(`${subject}: ${fault.code}: ${fault.message}`), { fault });
    return reply.json<Body>();
  }

  /** The error that must come. */
  async fault(subject: string, body: unknown): Promise<Fault> {
    const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const reply = await this.send(subject, bytes);
    const fault = faultOf(reply);
    if (!fault) throw new Error(`${subject}: accepted, where an error was due: ${reply.string()}`);
    return fault;
  }

  send(
    subject: string,
    body: string | Uint8Array,
    marks: Readonly<Record<string, string>> = {},
  ): Promise<Msg> {
    return this.nats.request(`nexus.${subject}`, body, { timeout: answerMs, headers: headersOf(marks) });
  }
}

function faultOf(reply: Msg): Fault | undefined {
  if (!reply.headers?.has('Nats-Service-Error-Code')) return undefined;
  return reply.json<{ error: Fault }>().error;
}
