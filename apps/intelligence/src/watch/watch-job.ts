import { type Anomaly } from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type History } from '../history/history.js';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type InUse, type Registry } from '../registry/registry.js';
import { ordersOf } from './orders.js';
import { watchAll, type WatchStep, type WatchStepOptions } from './watch-step.js';
import { writeWatchState } from './watch-state.js';
import { agentSamples, goalSamples } from './watching.js';

export type WatchOptions = Omit<WatchStepOptions, 'nowMs' | 'agents'>;

export interface WatchJobParts {
  readonly history: History;
  readonly registry: Registry;
  readonly inUse: ModelsInUse;
  readonly events: EventPublisher;
  /** Agents there are. */
  readonly agents: () => number;
}

/** Outcomes that are compared, of all types. */
const outcomesMax = 2_000;

/**
 * Looks at what agents and types of goal did of late, and responds. Its state is in Redis and is replaced only as it was
 * read: whichever replica looks, and however often, a step is taken once.
 */
export class WatchJob {
  /** Anomalies that this process has told of. */
  anomalies = 0;

  constructor(
    private readonly parts: WatchJobParts,
    private readonly options: WatchOptions,
  ) {}

  async run(): Promise<void> {
    const { registry, inUse, events } = this.parts;
    const before = await registry.read();
    const { state, happened } = await this.look(before);
    if (writeWatchState(state) === before.watchText) return;
    const isNews = JSON.stringify(ordersOf(state, 0)) !== JSON.stringify(ordersOf(before.watch, 0));
    const { kind } = await registry.commitWatch(before.watchText, state, isNews);
    if (kind !== 'committed') return;
    for (const anomaly of happened) this.tell(events, anomaly);
    if (isNews) await inUse.refresh();
  }

  private async look({ watch, latency, champions }: InUse): Promise<WatchStep> {
    const { history, agents } = this.parts;
    const [nowMs, work, outcomes] = await Promise.all([
      history.nowMs(),
      history.latestWork(this.options.windowMs),
      history.latestOutcomes(outcomesMax),
    ]);
    const samples = { agents: agentSamples(work, latency), goals: goalSamples(outcomes, champions) };
    return watchAll(watch, samples, { ...this.options, nowMs, agents: agents() });
  }

  private tell(events: EventPublisher, anomaly: Anomaly): void {
    this.anomalies++;
    events.publish(anomaly.response === 'cleared' ? 'anomaly.cleared' : 'anomaly.detected', anomaly);
  }
}
