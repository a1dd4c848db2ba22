import { type CoordinationFigures, type MetricsReply } from '@nexus/contracts';
import { type Cell, type Colours, formatDuration, renderTable, type Tone } from '@nexus/platform/terminal';
import { renderFacts } from '../consensus/facts.js';

/** The figures for people: the sums, a line a type and algorithm, and who was assigned most. */
export function renderMetrics(figures: MetricsReply, paint: Colours): string {
  const { coordinations, assignments } = figures;
  return [
    renderFacts(factsOf(figures), paint),
    coordinations.length > 0
      ? renderCoordinations(coordinations, paint)
      : paint.dim('nothing was coordinated yet'),
    ...(assignments.length > 0 ? [renderAssignments(assignments, paint)] : []),
  ].join('\n\n');
}

function factsOf({ scope, ejections, coordinator }: MetricsReply): [string, string][] {
  const { nodeId, inFlight, unitsInFlight, waiting, agents, ejected } = coordinator;
  return [
    ['figures of', scope === 'all' ? 'all coordinators' : 'one coordinator: Redis does not answer'],
    ['ejections', String(ejections)],
    ['told by', nodeId],
    [
      'it has',
      `${inFlight} in flight, ${unitsInFlight} units at agents, ${waiting} waiting, ${ejected} of ${agents} agents ejected`,
    ],
  ];
}

const renderCoordinations = (coordinations: readonly CoordinationFigures[], colours: Colours): string =>
  renderTable({
    head: [
      ...['TYPE', 'ALGORITHM', 'COMPLETE', 'PARTIAL', 'FAILED', 'REFUSED', 'UNITS', 'LOST'],
      ...['MEAN', 'P50', 'P99', 'P50 PER S'],
    ],
    right: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    rows: coordinations.map(rowOf),
    colours,
  });

function rowOf({
  type,
  algorithm,
  units,
  durationMs,
  throughputPerS,
  ...counts
}: CoordinationFigures): Cell[] {
  const { complete, partial, failed, refused } = counts;
  const shared = algorithm !== null;
  return [
    ...[type, algorithm ?? '-', complete],
    ...[toned(partial, 'warning'), toned(failed, 'bad'), toned(refused, 'warning')],
    shared ? units.done + units.assigned : '-',
    shared ? toned(units.failed, 'bad') : '-',
    ...(durationMs ? [durationMs.mean, durationMs.p50, durationMs.p99].map(formatDuration) : ['-', '-', '-']),
    throughputPerS ? Math.round(throughputPerS.p50) : '-',
  ];
}

/** What did not happen needs no colour. */
const toned = (count: number, tone: Tone): Cell => (count === 0 ? count : { text: count, tone });

const renderAssignments = (assignments: MetricsReply['assignments'], colours: Colours): string =>
  renderTable({
    head: ['ALGORITHM', 'AGENT', 'ASSIGNED'],
    right: [2],
    rows: assignments.flatMap(({ algorithm, agents }) =>
      agents.map(({ agentId, assignments: times }, at) => [at === 0 ? algorithm : '', agentId, times]),
    ),
    colours,
  });
