import { Inject, Injectable } from '@nestjs/common';
import { type ConsensusStatus, endpoints, type ReplicaId, type ReplicaStatus } from '@nexus/contracts';
import { Caller } from '@nexus/wire';
import { ReplicaHost } from '../host/replica-host.js';
import { replicaIdOf } from '../member/member-id.js';

/** The replicas of the initial group, for injection. */
export const INITIAL_REPLICAS = Symbol('INITIAL_REPLICAS');

/** A replica that lives answers at once. */
const answerMs = 1_000;

const noLog = { firstIndex: 0, lastIndex: 0, commit: 0, snapshotIndex: 0, logBytes: 0 };

@Injectable()
export class StatusHandler {
  private readonly startedAtMs = performance.now();

  constructor(
    private readonly host: ReplicaHost,
    private readonly caller: Caller,
    @Inject(INITIAL_REPLICAS) private readonly initial: readonly ReplicaId[],
  ) {}

  /**
   * How this replica stands.
   * @throws NexusError `unavailable` once it failed: it stands nowhere any more
   */
  own(): ReplicaStatus {
    const { host } = this;
    host.assertNotFailed();
    const { replica } = host;
    const { commit, ...log } = replica?.status() ?? noLog;
    return {
      replicaId: host.replicaId,
      storeId: host.storeId,
      role: host.role,
      term: replica?.standing.term ?? 0,
      leader: host.leader,
      commitIndex: commit,
      appliedIndex: replica?.appliedIndex ?? 0,
      ...log,
      members: host.membership,
      newcomers: this.newcomers,
      termsSeen: replica?.termsSeen ?? 0,
      upMs: Math.round(performance.now() - this.startedAtMs),
    };
  }

  /** Every replica that answers, and the members that do not. */
  async all(): Promise<ConsensusStatus> {
    const { host } = this;
    const { voters, learners } = host.group;
    const members = voters.length > 0 ? [...voters, ...learners] : this.initial;
    const asked = new Set([...members, ...this.newcomers, host.replicaId]);
    const answers = await Promise.all([...asked].map((replicaId) => this.ask(replicaId)));
    const replicas = answers.filter((answer) => answer !== undefined);
    replicas.sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
    const answered = new Set(replicas.map(({ replicaId }) => replicaId));
    return { ...leaderOf(replicas), replicas, silent: members.filter((member) => !answered.has(member)) };
  }

  private get newcomers(): ReplicaId[] {
    const { replica, newcomers } = this.host;
    return replica === undefined ? [] : newcomers.outside(replica.configuration).map(replicaIdOf);
  }

  private async ask(replicaId: ReplicaId): Promise<ReplicaStatus | undefined> {
    try {
      if (replicaId === this.host.replicaId) return this.own();
      return await this.caller.call(
        endpoints.consensusReplicaStatus,
        { replicaId },
        {},
        { timeoutMs: answerMs },
      );
    } catch {
      return undefined;
    }
  }
}

/** The latest term's leader, by those who know it: one that was cut off may still believe in an earlier one. */
function leaderOf(replicas: readonly ReplicaStatus[]): Pick<ConsensusStatus, 'leader' | 'term'> {
  const term = Math.max(0, ...replicas.map((replica) => replica.term));
  const leader = replicas.find((replica) => replica.term === term && replica.leader !== null)?.leader ?? null;
  return { leader, term };
}
