import { type RunningService } from '@nexus/platform/nats';
import { type Metric } from '@nexus/platform/telemetry';

const secondsPerNanosecond = 1e-9;

/** What every service counts of itself anyway, for discovery. */
export function serviceMetrics({ stats, drops }: Pick<RunningService, 'stats' | 'drops'>): readonly Metric[] {
  const byEndpoint = (value: (of: (typeof stats)[number]) => number) =>
    stats.map((of) => ({ labels: { endpoint: of.endpoint.name }, value: value(of) }));
  return [
    {
      ...{ name: 'nexus.endpoint.requests', kind: 'counter', unit: '1' },
      description: 'Requests that were served, well or not.',
      points: byEndpoint(({ requests }) => requests),
    },
    {
      ...{ name: 'nexus.endpoint.errors', kind: 'counter', unit: '1' },
      description: 'Requests that were answered with an error.',
      points: byEndpoint(({ errors }) => errors),
    },
    {
      ...{ name: 'nexus.endpoint.processing.time', kind: 'counter', unit: 's' },
      description: 'Time from the arrival of requests to their replies, summed.',
      points: byEndpoint(({ processingNs }) => processingNs * secondsPerNanosecond),
    },
    {
      ...{ name: 'nexus.drops', kind: 'counter', unit: '1' },
      description: 'What was dropped without an answer.',
      points: Object.entries(drops.figures()).map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ];
}
