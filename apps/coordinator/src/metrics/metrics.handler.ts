import {
  type AgentId,
  algorithmNames,
  type MetricsReply,
  type MetricsRequest,
  NexusError,
  type NodeId,
} from '@nexus/contracts';
import { type CoordinationMetrics } from './coordination-metrics.js';
import { type FigureSharing } from './figure-sharing.js';
import { keyIndexOf, metricKeys } from './metric-key.js';
import { type FigureSums, type Sums } from './figure-sums.js';
import { figuresOf, tallyOf } from './tally.js';
import { type WorkGauges } from './work-gauges.js';

export interface MetricsParts {
  readonly metrics: CoordinationMetrics;
  readonly sharing: Pick<FigureSharing, 'share'>;
  readonly shared: Pick<FigureSums, 'read'>;
  readonly gauges: WorkGauges;
  readonly self: NodeId;
}

/** Tells the figures of all coordinators, or at least its own. */
export class MetricsHandler {
  constructor(private readonly parts: MetricsParts) {}

  async read({ agents: agentsMax }: MetricsRequest): Promise<MetricsReply> {
    const { metrics, gauges, self } = this.parts;
    const shared = await this.readShared(agentsMax);
    const { tallies, assigned, ejections } = shared ?? this.own(agentsMax);
    return {
      scope: shared ? 'all' : 'own',
      coordinations: metricKeys.flatMap((key, at) => {
        const tally = tallies[at]!;
        return tally.size > 0 ? [figuresOf(key, tally)] : [];
      }),
      ejections,
      assignments: [...assigned].flatMap(([algorithm, items]) =>
        items.length === 0
          ? []
          : [
              {
                algorithm,
                agents: items.map(({ item, count }) => ({ agentId: item as AgentId, assignments: count })),
              },
            ],
      ),
      coordinator: {
        nodeId: self,
        inFlight: metrics.inFlight,
        unitsInFlight: gauges.unitsInFlight(),
        waiting: gauges.waiting(),
        agents: gauges.agents(),
        ejected: gauges.ejected(),
      },
    };
  }

  /** Undefined while Redis does not answer. */
  private async readShared(agentsMax: number): Promise<Sums | undefined> {
    // Whoever asks after a reply from here finds it counted.
    await this.parts.sharing.share();
    try {
      return await this.parts.shared.read(agentsMax);
    } catch (thrown) {
      const error = NexusError.from(thrown);
      if (error.code !== 'unavailable') throw error;
      return undefined;
    }
  }

  private own(agentsMax: number): Sums {
    const { accounts } = this.parts.metrics;
    return {
      tallies: accounts.map(tallyOf),
      assigned: new Map(
        algorithmNames.map((algorithm) => [
          algorithm,
          accounts[keyIndexOf(algorithm)]!.assigneesEver.top(agentsMax),
        ]),
      ),
      ejections: this.parts.gauges.ejections(),
    };
  }
}
