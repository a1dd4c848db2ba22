import { type Anomaly } from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type History } from '../history/history.js';
import { type ModelsInUse } from '../registry/models-in-use.js';
import { type InUse, type Registry } from '../registry/registry.js';
import { type Bounds, judgeAgents, judgeType } from './judging.js';
import { type Circumstances, respond } from './responding.js';
import { agentFigures, typeFigures } from './watching.js';

export interface WatchOptions extends Bounds {
  /** What counts as recent, and how long the first step against an agent lasts, in milliseconds. */
  readonly windowMs: number;
  readonly holdMs: number;
}

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
    const { state, happened } = respond(before.watch, await this.circumstances(before));
    if (JSON.stringify(state) === JSON.stringify(before.watch)) return;
    const isNews = held(state) !== held(before.watch);
    const { kind } = await registry.commitWatch(before.watchText, state, isNews);
    if (kind !== 'committed') return;
    for (const anomaly of happened) this.tell(events, anomaly);
    await inUse.refresh();
  }

  private async circumstances(before: InUse): Promise<Circumstances> {
    const { history, agents } = this.parts;
    const { windowMs, holdMs } = this.options;
    const [nowMs, work, outcomes] = await Promise.all([
      history.nowMs(),
      history.latestWork(windowMs),
      history.latestOutcomes(outcomesMax),
    ]);
    const figures = agentFigures(work, before);
    const periods = [...typeFigures(outcomes, before, nowMs - windowMs)];
    return {
      ...{ nowMs, holdMs },
      agents: Math.max(agents(), figures.size),
      judgedAgents: judgeAgents(figures, this.options),
      judgedTypes: new Map(
        periods.flatMap(([type, { recent, before: earlier }]) => {
          const judged = judgeType(recent, earlier, this.options);
          return judged ? [[type, judged] as const] : [];
        }),
      ),
      seen: new Set(figures.keys()),
    };
  }

  private tell(events: EventPublisher, anomaly: Anomaly): void {
    this.anomalies++;
    events.publish(anomaly.response === 'cleared' ? 'anomaly.cleared' : 'anomaly.detected', anomaly);
  }
}

/** What coordinators hear of it. */
const held = ({ agents, types }: InUse['watch']): string =>
  JSON.stringify([agents.map(({ probation }) => probation), types.map(({ demotion }) => demotion)]);
