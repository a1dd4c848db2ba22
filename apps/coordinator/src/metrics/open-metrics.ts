import { bucketBounds, type Histogram } from '@nexus/core/metering';
import { type HistogramValue, type Labels, type Metric } from '@nexus/platform/telemetry';
import { type CoordinationMetrics } from './coordination-metrics.js';
import { type Cell, throughputBoundsPerS } from './key-account.js';
import { type MetricKey, metricKeys } from './metric-key.js';
import { type WorkGauges } from './work-gauges.js';

/** The bounds of durations in seconds, which is what metrics are told in; a division would leave crooked numbers. */
const durationBoundsS = bucketBounds(-4, 3);

/** The figures of this coordinator as metrics. Every label is one of a closed list. */
export function openMetrics(metrics: CoordinationMetrics, gauges: WorkGauges): readonly Metric[] {
  const cells = metricKeys.flatMap((key, at) =>
    [...metrics.accounts[at]!.cells()].map((cell) => ({ key, cell })),
  );
  const ofCells = (value: (cell: Cell) => HistogramValue) =>
    cells.map(({ key, cell }) => ({ labels: labelsOf(key, cell), value: value(cell) }));
  const gauge = (name: string, description: string, value: number): Metric => ({
    ...{ name, kind: 'gauge', unit: '1', description },
    points: [{ labels: {}, value }],
  });
  return [
    {
      ...{ name: 'nexus.coordination.duration', kind: 'histogram', unit: 's' },
      description: 'From the arrival of a request to its reply.',
      points: ofCells(({ durationMs }) => valueOf(durationMs, durationBoundsS, 1e-3)),
    },
    {
      ...{ name: 'nexus.coordination.throughput.per.second', kind: 'histogram', unit: '1' },
      description: 'Agents, or units of work, that a coordination got through in a second.',
      points: ofCells(({ throughputPerS }) => valueOf(throughputPerS, throughputBoundsPerS, 1)),
    },
    {
      ...{ name: 'nexus.coordination.refusals', kind: 'counter', unit: '1' },
      description: 'Coordinations that ended with an error instead of a result.',
      points: refusalsOf(metrics),
    },
    {
      ...{ name: 'nexus.work.units', kind: 'counter', unit: '1' },
      description: 'Units of work that were shared out.',
      points: unitsOf(metrics),
    },
    {
      ...{ name: 'nexus.agent.ejections', kind: 'counter', unit: '1' },
      description: 'How often an agent was taken out of balancing for its failures.',
      points: [{ labels: {}, value: gauges.ejections() }],
    },
    gauge('nexus.coordination.in.flight', 'Coordinations under way.', metrics.inFlight),
    gauge('nexus.work.in.flight', 'Units of work that agents have from here.', gauges.unitsInFlight()),
    gauge('nexus.work.waiting', 'Requests with work for which no agent has room.', gauges.waiting()),
    gauge('nexus.agent.known', 'Agents in the route table.', gauges.agents()),
    gauge('nexus.agent.ejected', 'Agents that are out of balancing now.', gauges.ejected()),
  ];
}

const keyLabels = ({ type, algorithm }: MetricKey): Labels => ({ type, ...(algorithm && { algorithm }) });
const labelsOf = (key: MetricKey, { layer, status }: Cell): Labels => ({ ...keyLabels(key), layer, status });

const valueOf = ({ counts, sum }: Histogram, bounds: readonly number[], scale: number): HistogramValue => ({
  ...{ bounds, counts: [...counts], sum: sum * scale },
});

const refusalsOf = ({ accounts }: CoordinationMetrics) =>
  metricKeys.flatMap((key, at) =>
    [...accounts[at]!.refusals].map(([code, value]) => ({
      labels: { ...keyLabels(key), 'error.type': code },
      value,
    })),
  );

const unitsOf = ({ accounts }: CoordinationMetrics) =>
  metricKeys.flatMap(({ algorithm }, at) => {
    const { unitsDone, unitsFailed, unitsAssigned } = accounts[at]!;
    const outcomes = { done: unitsDone, failed: unitsFailed, assigned: unitsAssigned };
    return Object.entries(outcomes).flatMap(([outcome, value]) =>
      algorithm && value > 0 ? [{ labels: { algorithm, outcome }, value }] : [],
    );
  });
