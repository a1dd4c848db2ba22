import { type ConsensusStatus } from '@nexus/contracts';

/** How the decision log is, in a sentence each. */
export interface LogHealth {
  /** What keeps it from deciding. */
  readonly faults: readonly string[];
  /** What it bears, and not much more of it. */
  readonly warnings: readonly string[];
}

/** Judges what the replicas say of themselves. */
export function judgeLog({ leader, replicas, silent }: ConsensusStatus): LogHealth {
  const led = replicas.find(({ replicaId }) => replicaId === leader);
  const voters = led?.members.voters ?? [];
  const silentVoters = silent.filter((replicaId) => voters.length === 0 || voters.includes(replicaId));
  const newcomers = led?.newcomers ?? [];
  return {
    faults: leader === null ? [noLeader(replicas, silent)] : [],
    warnings: [
      ...(leader !== null && silentVoters.length > 0
        ? [`${doNotAnswer(silentVoters)}: without a majority nothing is decided`]
        : []),
      ...(voters.length > 0 && voters.length % 2 === 0
        ? [`the decision log has ${voters.length} voters: an odd number bears as many losses with one less`]
        : []),
      ...newcomers.map(
        (replicaId) => `${replicaId} asks to join: nexus consensus members add ${replicaId} lets it in`,
      ),
    ],
  };
}

function noLeader(replicas: ConsensusStatus['replicas'], silent: ConsensusStatus['silent']): string {
  if (replicas.some(({ role }) => role === 'forming')) {
    return 'the decision log was never formed: it waits for every replica of its configuration to start';
  }
  const missing = silent.length === 0 ? '' : `, and ${doNotAnswer(silent)}`;
  return `the decision log has no leader${missing}: it needs a majority of its voters`;
}

const doNotAnswer = (names: readonly string[]) =>
  `${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} not answer`;
