import { context, trace } from '@opentelemetry/api';
import { type RouteRegistry } from '../changes/route-registry.js';
import { batchMax, type BeatAnswer, type Heartbeat } from '../store/route-store.js';

/** How long a sign of life may wait for others to share its way to Redis, in milliseconds. */
const gatherMs = 20;

interface Waiting {
  readonly heartbeat: Heartbeat;
  readonly resolve: (answer: BeatAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers signs of life, so that those of one moment cost one script and their replies one write: with a thousand agents
 * that beat each second, most of the cost of each alone is the way there and back.
 */
export class HeartbeatBatches {
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly registry: Pick<RouteRegistry, 'heartbeats'>) {}

  /** Resolves with what became of this one; faults are those of its batch. */
  take(heartbeat: Heartbeat): Promise<BeatAnswer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ heartbeat, resolve, reject });
      if (this.waiting.length >= batchMax) this.send();
      else this.timer ??= setTimeout(() => this.send(), gatherMs);
    });
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    const heartbeats = batch.map(({ heartbeat }) => heartbeat);
    // A batch belongs to none of the traces of those who share it.
    const inNoTrace = trace.deleteSpan(context.active());
    context
      .with(inNoTrace, () => this.registry.heartbeats(heartbeats))
      .then(
        (answers) => batch.forEach(({ resolve }, index) => resolve(answers[index]!)),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
  }
}
