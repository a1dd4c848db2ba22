import { join } from 'node:path';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { replicaIdSchema } from '@nexus/contracts';
import { MeshMember } from '@nexus/mesh';
import { GossipModule, PublishedKey } from '@nexus/platform/gossip';
import { InMemoryLogStore, LmdbLogStore } from '@nexus/platform/log-store';
import { Drops, EventPublisher, NATS_PREFIX, NatsModule } from '@nexus/platform/nats';
import { type Composition, type ServiceBlueprint } from '@nexus/platform/service';
import { Connection } from '@nexus/wire';
import { type ConsensusConfig, consensusFields, initialReplicas, timingOf } from './consensus.config.js';
import { ConsensusTimeout } from './consensus-timeout.js';
import { ForwardLine } from './gateway/forward-line.js';
import { Gateway } from './gateway/gateway.js';
import { LeaderDesk } from './gateway/leader-desk.js';
import { PeerConnection } from './host/peer-connection.js';
import { ReplicaHost } from './host/replica-host.js';
import { MembersController } from './members/members.controller.js';
import { MembersDesk } from './members/members-desk.js';
import { MembersHandler } from './members/members.handler.js';
import { Steward } from './members/steward.js';
import { ProposeController } from './propose/propose.controller.js';
import { ProposeHandler } from './propose/propose.handler.js';
import { ReadController } from './read/read.controller.js';
import { ReadHandler } from './read/read.handler.js';
import { StatusController } from './status/status.controller.js';
import { INITIAL_REPLICAS, StatusHandler } from './status/status.handler.js';
import { TransferController } from './transfer/transfer.controller.js';
import { TransferDesk } from './transfer/transfer-desk.js';
import { TransferHandler } from './transfer/transfer.handler.js';
import { ChangePublisher } from './watch/change-publisher.js';

/** What happens to the process when its replica has ended for good, because its disk failed or an invariant broke. */
export type ReplicaFailed = (error: Error) => void;

interface Parts extends Composition<ConsensusConfig> {
  readonly failed: ReplicaFailed;
}

/** The consensus service's composition root. */
@Module({})
export class ConsensusModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    private readonly host: ReplicaHost,
    private readonly peers: PeerConnection,
    private readonly gateway: Gateway,
    private readonly steward: Steward,
  ) {}

  static for(parts: Parts): DynamicModule {
    return {
      module: ConsensusModule,
      imports: [
        NatsModule.for(parts.nats),
        GossipModule.for({ ...parts, service: 'consensus', drops: parts.nats.drops }),
      ],
      controllers: [
        MembersController,
        ProposeController,
        ReadController,
        StatusController,
        TransferController,
      ],
      providers: [
        ...[MembersHandler, ProposeHandler, ReadHandler, StatusHandler, TransferHandler],
        { provide: ConsensusTimeout, useValue: new ConsensusTimeout(parts.config.consensusTimeoutMs) },
        { provide: INITIAL_REPLICAS, useValue: initialReplicas(parts.config) },
        ...replicaProviders(parts),
        ...gatewayProviders(parts),
        ...hints,
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.host.start();
    } catch (error) {
      // A service that does not come up has nobody to close it.
      await this.onApplicationShutdown();
      throw error;
    }
  }

  /**
   * After the last request of callers was answered (the transport closes first), while other replicas may still forward
   * theirs: what they have under way here ends at the next leader.
   */
  async beforeApplicationShutdown(): Promise<void> {
    await this.host.handOver();
  }

  async onApplicationShutdown(): Promise<void> {
    this.steward.stop();
    this.gateway.close();
    await this.host.stop();
    await this.peers.close();
  }
}

const replicaProviders = ({ config, instance, failed }: Parts): Provider[] => [
  {
    provide: PeerConnection,
    useFactory: () => PeerConnection.open(config, `${instance.incarnation}-peer`),
  },
  {
    provide: ReplicaHost,
    inject: [PeerConnection, NATS_PREFIX, Drops],
    useFactory: (peers: PeerConnection, prefix: string, drops: Drops) =>
      new ReplicaHost({
        replicaId: replicaIdSchema.parse(config.replicaId),
        initial: initialReplicas(config),
        incarnation: instance.incarnation,
        timing: timingOf(config),
        images: { entries: config.snapshotEntries, bytes: config.snapshotBytes },
        entriesRetained: config.entriesRetained,
        connection: peers.connection,
        prefix,
        drops,
        openStore: () => openStore(config),
        failed,
      }),
  },
  {
    provide: Steward,
    inject: [ReplicaHost],
    useFactory: (host: ReplicaHost) => new Steward(host, replaceAfterMs(config)),
  },
  {
    provide: ChangePublisher,
    inject: [ReplicaHost, EventPublisher],
    useFactory: (host: ReplicaHost, events: EventPublisher) => new ChangePublisher(host, events),
  },
];

const gatewayProviders = ({ config, instance }: Parts): Provider[] => [
  { provide: TransferDesk, useValue: new TransferDesk() },
  {
    provide: MembersDesk,
    inject: [ReplicaHost],
    useFactory: (host: ReplicaHost) => new MembersDesk(host),
  },
  {
    provide: LeaderDesk,
    inject: [ReplicaHost, TransferDesk, MembersDesk],
    useFactory: (host: ReplicaHost, transfers: TransferDesk, members: MembersDesk) =>
      new LeaderDesk(host, transfers, members),
  },
  {
    provide: ForwardLine,
    inject: [Connection, NATS_PREFIX, Drops],
    useFactory: (connection: Connection, prefix: string, drops: Drops) =>
      new ForwardLine({
        connection,
        prefix,
        drops,
        cluster: prefix,
        replicaId: replicaIdSchema.parse(config.replicaId),
        incarnation: instance.incarnation,
      }),
  },
  {
    provide: Gateway,
    inject: [ReplicaHost, LeaderDesk, ForwardLine],
    useFactory: (host: ReplicaHost, desk: LeaderDesk, line: ForwardLine) =>
      new Gateway({ host, desk, line, attemptMs: attemptMs(config) }),
  },
];

const leaderHintMs = 1_000;
const snapshotHintMs = 5_000;
const SNAPSHOT_HINT = Symbol('SNAPSHOT_HINT');

/** What this replica tells whoever is a member; never an authority. */
const hints: Provider[] = [
  {
    // Where to ask first.
    provide: PublishedKey,
    inject: [MeshMember, ReplicaHost],
    useFactory: (mesh: MeshMember, host: ReplicaHost) =>
      new PublishedKey({
        mesh,
        key: 'leader',
        read: () => ({ leader: host.leader, term: host.replica?.standing.term ?? 0 }),
        everyMs: leaderHintMs,
      }),
  },
  {
    // Up to where its log is in the snapshot. How far it is applied changes with every renewal of a lease: then gossip
    // would never come to rest.
    provide: SNAPSHOT_HINT,
    inject: [MeshMember, ReplicaHost],
    useFactory: (mesh: MeshMember, host: ReplicaHost) =>
      new PublishedKey({
        mesh,
        key: 'snapshot',
        read: () => host.replica?.status().snapshotIndex,
        everyMs: snapshotHintMs,
      }),
  },
];

const openStore = (config: ConsensusConfig) =>
  config.storage === 'memory'
    ? InMemoryLogStore.open()
    : LmdbLogStore.open({ directory: join(config.dataDir, config.replicaId) });

const replaceMsMin = 2_000;
/** Much longer than any election: who is only slow keeps its place. */
const replaceAfterMs = (config: ConsensusConfig) =>
  Math.max(replaceMsMin, 5 * timingOf(config).electionMsMax);

const attemptMsMin = 1_000;
/** Longer than an election, which is noticed sooner: this is for a question that was lost on the way. */
const attemptMs = (config: ConsensusConfig) => Math.max(attemptMsMin, 2 * timingOf(config).electionMsMax);

/** @param failed decides what the end of the replica means for the process */
export const consensusBlueprint = (failed: ReplicaFailed): ServiceBlueprint<ConsensusConfig> => ({
  name: 'consensus',
  description: 'Keeps decisions, leases and elections in a replicated log.',
  fields: consensusFields,
  compose: (composition) => ConsensusModule.for({ ...composition, failed }),
  own: ({ replicaId }) => ({ replicaId }),
  checks: (app) => ({
    peers: () => app.get(PeerConnection).assertConnected(),
    replica: () => app.get(ReplicaHost).assertReady(),
  }),
});

/** In a process with others: a replica that ended is not ready any more, and that is all. */
export const consensusService = consensusBlueprint(() => undefined);
