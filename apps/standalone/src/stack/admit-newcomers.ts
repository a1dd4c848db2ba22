import { setTimeout as pause } from 'node:timers/promises';
import { type ConsensusStatus, NexusError } from '@nexus/contracts';
import { type NexusClient } from '@nexus/sdk';

export interface Admission {
  readonly client: Pick<NexusClient, 'consensusStatus' | 'addMember'>;
  /** All that are to vote in the end. */
  readonly replicaIds: readonly string[];
  readonly withinMs: number;
  readonly say: (line: string) => void;
  /** Gives up. */
  readonly signal: AbortSignal;
}

const pollMs = 100;

/**
 * Lets new replicas into a group that exists, one after another, until all vote. A group that was formed never grows by
 * configuration alone: somebody has to say that it should, and whoever starts more replicas does.
 * @throws NexusError `unavailable` when they do not all vote in time
 */
export async function admitNewcomers({
  client,
  replicaIds,
  withinMs,
  say,
  signal,
}: Admission): Promise<void> {
  const deadline = performance.now() + withinMs;
  let trouble: NexusError | undefined;
  while (!signal.aborted) {
    try {
      const { missing, newcomer } = wanting(await client.consensusStatus(), replicaIds);
      if (missing.length === 0) return;
      if (newcomer !== undefined) {
        say(`letting ${newcomer} into the decision log`);
        await client.addMember(newcomer);
      }
    } catch (error) {
      // While the group has no leader, or is busy with the change before, there is nothing to do but to try again.
      trouble = NexusError.from(error);
    }
    if (performance.now() > deadline) throw tooLate(replicaIds, trouble);
    await pause(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Who does not vote yet, and who of them can be let in now. */
export function wanting(status: ConsensusStatus, replicaIds: readonly string[]) {
  const leader = status.replicas.find(({ replicaId }) => replicaId === status.leader);
  const { voters = [], learners = [] } = leader?.members ?? {};
  const among = (names: readonly string[], replicaId: string) => names.includes(replicaId);
  const missing = replicaIds.filter((replicaId) => !among(voters, replicaId));
  const newcomer = missing.find(
    (replicaId) => !among(learners, replicaId) && among(leader?.newcomers ?? [], replicaId),
  );
  return { missing, newcomer };
}

const tooLate = (replicaIds: readonly string[], cause: NexusError | undefined) =>
  new NexusError(
    'unavailable',
    `the decision log did not grow to ${replicaIds.length} replicas in time${cause ? `: ${cause.message}` : ''}`,
    { cause },
  );
