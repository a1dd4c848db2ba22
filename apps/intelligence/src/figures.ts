import { type OnApplicationShutdown } from '@nestjs/common';
import { type ModelsReply } from '@nexus/contracts';
import { type ShownFigures } from '@nexus/platform/nats';
import { type Metric, publishMetrics, type ServiceIdentity } from '@nexus/platform/telemetry';
import { type HistoryFigures } from './history/history.js';
import { type ModelsInUse } from './registry/models-in-use.js';
import { type TrainingJob } from './training/training-job.js';
import { type DriftWatch } from './watch/drift-watch.js';
import { type WatchJob } from './watch/watch-job.js';

export interface FigureSources {
  readonly inUse: ModelsInUse;
  readonly training: TrainingJob;
  readonly drift: DriftWatch;
  readonly watch: WatchJob;
  readonly readHistory: () => Promise<HistoryFigures>;
  readonly everyMs: number;
}

/** How often the sizes of the history are read, in milliseconds. */
const historyMs = 5_000;
const overdueFactor = 2;

/** What the service shows of its work: above all, when it was trained last. */
export class Figures implements OnApplicationShutdown {
  private readonly startedAt = Date.now();
  private readonly timer: NodeJS.Timeout;
  private readonly withdraw: () => void;
  private history: HistoryFigures = { outcomes: 0, work: 0, duplicates: 0, refused: 0, unreadable: 0 };

  constructor(
    private readonly sources: FigureSources,
    shown: ShownFigures,
    identity: ServiceIdentity,
  ) {
    shown.show('intelligence', () => this.all());
    this.withdraw = publishMetrics(identity, () => metricsOf(this.all()));
    this.timer = setInterval(() => void this.readHistory(), historyMs);
  }

  /** `overdue` is a watchdog's word: schedulers are known to have stalled. */
  training(): ModelsReply['training'] {
    const { inUse, training, drift, everyMs } = this.sources;
    const lastTrainedAt = inUse.latest?.lastTrainedAt ?? null;
    return {
      ...{ everyMs, lastTrainedAt, runs: training.runs, drifts: drift.drifts },
      overdue: this.trainingAgeMs() > overdueFactor * everyMs,
    };
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.withdraw();
  }

  /** Since the last training, or since this process began. */
  private trainingAgeMs(): number {
    const last = this.sources.inUse.latest?.lastTrainedAt;
    return Math.max(0, Date.now() - (last === undefined ? this.startedAt : Date.parse(last)));
  }

  private all(): Readonly<Record<string, number>> {
    const { inUse, watch } = this.sources;
    const { runs, drifts, overdue } = this.training();
    return {
      ...{ training_age_s: this.trainingAgeMs() / 1_000, training_overdue: overdue ? 1 : 0 },
      ...{ training_runs: runs, drifts, anomalies: watch.anomalies },
      agents_unjudged: watch.agentsUnjudged,
      ...{ history_outcomes: this.history.outcomes, history_work: this.history.work },
      ...{ history_duplicates: this.history.duplicates, history_refused: this.history.refused },
      ...{ history_unreadable: this.history.unreadable, revision: inUse.latest?.revision ?? 0 },
    };
  }

  private async readHistory(): Promise<void> {
    // While Redis is away the last figures stand.
    await this.sources.readHistory().then(
      (figures) => {
        this.history = figures;
      },
      () => undefined,
    );
  }
}

const described: Readonly<Record<string, string>> = {
  training_overdue: 'Whether nothing was trained for twice as long as it should have been.',
  training_runs: 'Trainings of this process.',
  drifts: 'Changes of what is usual that were noticed.',
  anomalies: 'Anomalies that were told of.',
  agents_unjudged: 'Agents of which too little was seen of late to judge them.',
  history_outcomes: 'Outcomes to learn from.',
  history_work: 'Samples of work to learn from.',
  history_duplicates: 'What was told again, and is learned from once.',
  history_refused: 'What was over the quota of one caller.',
  history_unreadable: 'Entries that cannot be read, and are left out.',
  revision: 'Where the snapshot of the models stands.',
};

function metricsOf(figures: Readonly<Record<string, number>>): Metric[] {
  const gauge = (name: string, description: string, unit: Metric['unit'], value: number): Metric => ({
    ...{ kind: 'gauge', name: `nexus.intelligence.${name}`, description, unit },
    points: [{ labels: {}, value }],
  });
  return [
    gauge('training.age', 'Time since the models were trained last.', 's', figures['training_age_s'] ?? 0),
    ...Object.entries(described).map(([name, description]) =>
      gauge(name.replaceAll('_', '.'), description, '1', figures[name] ?? 0),
    ),
  ];
}
