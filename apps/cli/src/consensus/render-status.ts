import { type ConsensusStatus, type ReplicaStatus } from '@nexus/contracts';
import {
  type Cell,
  type Colours,
  formatBytes,
  formatDuration,
  printable,
  renderTable,
} from '@nexus/platform/terminal';
import { type LogHealth } from './log-health.js';

/** The replicas for people, one a line. */
export function renderLogStatus(status: ConsensusStatus, health: LogHealth, paint: Colours): string {
  const { leader, term } = status;
  const leads = leader ?? paint.red('nobody');
  return [
    `${paint.bold('Leader')}  ${leads}, term ${term}`,
    '',
    renderTable({
      head: ['REPLICA', 'ROLE', 'MEMBER', 'TERM', 'COMMIT', 'APPLIED', 'LOG', 'SNAPSHOT', 'SIZE', 'UPTIME'],
      right: [3, 4, 5, 6, 7, 8, 9],
      rows: [
        ...status.replicas.map((replica) => rowOf(replica, status)),
        ...status.silent.map((replicaId): Cell[] => [replicaId, { text: 'silent', tone: 'bad' }]),
      ].map(filled),
      colours: paint,
    }),
    ...linesOf(health, paint),
  ].join('\n');
}

const columns = 10;
const filled = (row: readonly Cell[]): Cell[] => [...row, ...Array<Cell>(columns - row.length).fill('-')];

function rowOf(replica: ReplicaStatus, status: ConsensusStatus): Cell[] {
  const { replicaId, role, term, commitIndex, appliedIndex, firstIndex, lastIndex, snapshotIndex } = replica;
  return [
    replicaId,
    role === 'leader' ? { text: role, tone: 'good' } : role,
    standingOf(replicaId, status),
    term,
    commitIndex,
    appliedIndex,
    lastIndex < firstIndex ? 'empty' : `${firstIndex}..${lastIndex}`,
    snapshotIndex,
    formatBytes(replica.logBytes),
    formatDuration(replica.upMs),
  ];
}

/** By the newest membership that anybody knows. */
export function standingOf(replicaId: string, { leader, replicas }: ConsensusStatus): string {
  const newest = replicas.toSorted((a, b) => b.commitIndex - a.commitIndex)[0];
  const teller = replicas.find((replica) => replica.replicaId === leader) ?? newest;
  const among = (names: readonly string[] | undefined) => names?.some((name) => name === replicaId) === true;
  if (among(teller?.members.voters)) return 'voter';
  if (among(teller?.members.learners)) return 'learner';
  return among(teller?.newcomers) ? 'newcomer' : 'none';
}

function linesOf({ faults, warnings }: LogHealth, paint: Colours): string[] {
  const lines = [
    ...faults.map((fault) => `${paint.red('✘')} ${printable(fault)}`),
    ...warnings.map((warning) => `${paint.yellow('!')} ${printable(warning)}`),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}
