import { Logger } from '@nestjs/common';
import { featureNames, goalTypes, NexusError, type Outcome } from '@nexus/contracts';
import { ResidualWatch, SgdRegression } from '@nexus/core/learning';
import { type EventPublisher } from '@nexus/platform/nats';
import { type GoalType, type Registry } from '../registry/registry.js';
import { type TrainingSchedule } from '../training/training-schedule.js';

export interface DriftWatchParts {
  readonly registry: Registry;
  readonly schedule: TrainingSchedule;
  readonly events: EventPublisher;
}

/** Of one type: what is expected, and how far off it has been. */
interface TypeWatch {
  /** Of the model that chose, the latest that was heard of. */
  readonly version: number;
  readonly expected: Map<string, SgdRegression>;
  readonly durations: ResidualWatch;
  readonly successes: ResidualWatch;
}

const blankWatch = (version: number): TypeWatch => ({
  version,
  ...{ expected: new Map(), durations: new ResidualWatch(), successes: new ResidualWatch() },
});

/** Outcomes of a choice before what is expected of it counts: until then it changes because it is learned. */
const expectedMin = 100;
/** Trainings that drifts bring forward have so much time between them. */
const trainingGapMs = 10_000;

/** Learns on the way what durations and successes are usual, and has the models trained anew when that changes. */
export class DriftWatch {
  /** Drifts since this process began. */
  drifts = 0;
  private readonly logger = new Logger('DriftWatch');
  private readonly types = new Map<GoalType, TypeWatch>(goalTypes.map((type) => [type, blankWatch(0)]));
  private trainedAt = -Infinity;

  constructor(private readonly parts: DriftWatchParts) {}

  observe(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      const direction = this.directionOf(outcome);
      if (direction !== 'none') this.respond(outcome.type, direction);
    }
  }

  private directionOf(outcome: Outcome): 'up' | 'down' | 'none' {
    const { choice, features, durationMs, success } = outcome;
    const { expected, durations, successes } = this.watchOf(outcome);
    const known = expected.get(choice) ?? new SgdRegression(featureNames.length);
    expected.set(choice, known);
    const row = featureNames.map((name) => features[name]);
    const predicted = known.predict(row);
    const target = Math.log1p(durationMs);
    known.update(row, target);
    if (known.samples <= expectedMin) return 'none';
    const { drift } = durations.add(target - predicted);
    if (successes.add(success).drift === 'down') return 'up';
    return drift === 'wider' ? 'up' : drift;
  }

  /** Where another model chooses, each choice is made in other situations: that is no drift, and is learned anew. */
  private watchOf({ type, choosing }: Outcome): TypeWatch {
    const known = this.types.get(type)!;
    const version = choosing?.version ?? 0;
    if (version <= known.version) return known;
    const anew = blankWatch(version);
    this.types.set(type, anew);
    return anew;
  }

  private respond(type: GoalType, direction: 'up' | 'down'): void {
    this.drifts++;
    const { events, registry, schedule } = this.parts;
    events.publish('drift.detected', { type, direction, at: new Date().toISOString() });
    const now = performance.now();
    const isDue = now - this.trainedAt >= trainingGapMs;
    if (isDue) this.trainedAt = now;
    const work = async () => {
      await registry.noteDrift(type);
      if (isDue) await schedule.now();
    };
    // What is missed here the training that is planned anyway makes up for.
    work().catch((error: unknown) => {
      if (NexusError.from(error).code !== 'unavailable') this.logger.error(error);
    });
  }
}
