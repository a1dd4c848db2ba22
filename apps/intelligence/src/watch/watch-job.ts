import { type Anomaly } from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type HistoryTail } from '../history/history-tail.js';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type InUse, type Registry } from '../registry/registry.js';
import { ordersOf } from './orders.js';
import { watchAll, type WatchStep, type WatchStepOptions } from './watch-step.js';
import { writeWatchState } from './watch-state.js';
import { agentSamples, goalSamples } from './watching.js';

export type WatchOptions = Omit<WatchStepOptions, 'nowMs' | 'agents' | 'keptMs'>;

export interface WatchJobParts {
  readonly tail: HistoryTail;
  readonly registry: Registry;
  readonly inUse: ModelsInUse;
  readonly events: EventPublisher;
  /** Agents there are. */
  readonly agents: () => number;
}

/** Of agents that do little, work counts that is so many times older, and no older than five minutes. */
const keptFactor = 5;
const keptMsMax = 300_000;

/**
 * Looks at what agents and types of goal did of late, and responds. Its state is in Redis and is replaced only as it was
 * read: whichever replica looks, and however often, a step is taken once.
 */
export class WatchJob {
  /** Anomalies that this process has told of. */
  anomalies = 0;
  /** Agents of which too little was seen to judge them, when this process looked last. */
  agentsUnjudged = 0;

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
    const { tail, agents } = this.parts;
    const { windowMs } = this.options;
    const keptMs = Math.max(windowMs, Math.min(keptFactor * windowMs, keptMsMax));
    const { nowMs, work, outcomes } = await tail.read({ workMs: keptMs, outcomesMs: windowMs });
    const samples = { agents: agentSamples(work, latency), goals: goalSamples(outcomes, champions) };
    const { unjudged, ...step } = watchAll(watch, samples, {
      ...{ ...this.options, nowMs, keptMs },
      agents: agents(),
    });
    this.agentsUnjudged = unjudged;
    return step;
  }

  private tell(events: EventPublisher, anomaly: Anomaly): void {
    this.anomalies++;
    events.publish(anomaly.response === 'cleared' ? 'anomaly.cleared' : 'anomaly.detected', anomaly);
  }
}
