import { Logger } from '@nestjs/common';
import {
  endpoints,
  type GoalType,
  type IntelligenceBeacon,
  intelligenceBeaconSchema,
  type IntelligenceSnapshot,
  NexusError,
  parse,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { LatencyPredictor, StrategyPredictor } from '@nexus/prediction';
import { type Caller, type Connection, decodeBody } from '@nexus/wire';

export interface ModelFollowerOptions {
  readonly connection: Connection;
  /** Asks for the snapshot. */
  readonly caller: Caller;
  /** First token of every subject. */
  readonly prefix: string;
  /** Counts what could not be read. */
  readonly drops: { malformedInternal: number };
  /** When nobody has confirmed for so long what is held, it is not used any more, in milliseconds. */
  readonly staleAfterMs: number;
  /** The same when nothing was trained for so long. */
  readonly untrainedMsMax: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

const loadTimeoutMs = 5_000;
/** So many loads that fail one after the other are worth a word. */
const failuresTold = 5;
const nothing: IntelligenceSnapshot = {
  ...{ epoch: 'none', revision: 0, strategies: [], latency: null, probation: [], demotions: [] },
};

export type SnapshotListener = (snapshot: IntelligenceSnapshot) => void;

/**
 * Holds what the intelligence service published, so that a request needs no call to it. A beacon tells when there is
 * something new; whatever fails, the next beacon tries it again, and what is held serves until it is stale: until nobody has
 * said for too long that it is still what is in use, or nothing was trained for too long.
 */
export class ModelFollower {
  private readonly logger = new Logger('ModelFollower');
  private readonly subscription: { unsubscribe(): void };
  private readonly listeners = new Set<SnapshotListener>();
  private readonly strategies = new Map<GoalType, StrategyPredictor>();
  private latencyPredictor: LatencyPredictor | undefined;
  private held: IntelligenceSnapshot | undefined;
  /** When somebody said last that what is held is in use. */
  private confirmedAtMs = -Infinity;
  private trainedAtMs = -Infinity;
  private heard = false;
  private loading = false;
  private failures = 0;

  /** Subscribes, and asks once at once: the first beacon may be seconds away. */
  constructor(private readonly options: ModelFollowerOptions) {
    const { connection, prefix, drops } = options;
    const subject = subjectOf(prefix, subjects.intelligenceBeacon, {});
    this.subscription = connection.subscribe(subject, ({ data }) => {
      try {
        this.onBeacon(parse(intelligenceBeaconSchema, decodeBody(data), 'beacon'));
      } catch {
        drops.malformedInternal += 1;
      }
    });
    void this.load();
  }

  /** Whether there ever was an intelligence service. */
  get everHeard(): boolean {
    return this.heard;
  }

  get isStale(): boolean {
    const { now, staleAfterMs, untrainedMsMax } = this.options;
    const nowMs = now();
    return nowMs - this.confirmedAtMs > staleAfterMs || nowMs - this.trainedAtMs > untrainedMsMax;
  }

  /** The model of a type of goal, if there is one. */
  strategy(type: GoalType): StrategyPredictor | undefined {
    return this.strategies.get(type);
  }

  /** The model of how long work takes at an agent, if there is one. */
  get latency(): LatencyPredictor | undefined {
    return this.latencyPredictor;
  }

  /** Calls `listener` with what is held, and with all that takes its place; returns how to stop. */
  follow(listener: SnapshotListener): () => void {
    this.listeners.add(listener);
    listener(this.held ?? nothing);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.subscription.unsubscribe();
    this.listeners.clear();
  }

  private onBeacon({ epoch, revision, trainedAgeMs }: IntelligenceBeacon): void {
    const { now } = this.options;
    this.heard = true;
    const { held } = this;
    // A replica that is cut off from what the others know speaks of what was in use.
    if (held?.epoch === epoch && revision < held.revision) return;
    if (trainedAgeMs !== null) this.trainedAtMs = Math.max(this.trainedAtMs, now() - trainedAgeMs);
    if (held?.epoch === epoch && revision === held.revision) this.confirmedAtMs = now();
    else void this.load();
  }

  private async load(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    const { caller, now } = this.options;
    try {
      const snapshot = await caller.call(
        endpoints.intelligenceSnapshot,
        {},
        {},
        { timeoutMs: loadTimeoutMs },
      );
      this.heard = true;
      this.failures = 0;
      if (this.held?.epoch === snapshot.epoch && snapshot.revision < this.held.revision) return;
      this.confirmedAtMs = now();
      this.adopt(snapshot);
    } catch (thrown) {
      // Nobody serves it, or not now: the next beacon says when somebody does.
      this.failures += 1;
      const trouble = `the models could not be loaded: ${NexusError.from(thrown).message}`;
      if (this.heard && this.failures === failuresTold) this.logger.warn(trouble);
      else this.logger.debug(trouble);
    } finally {
      this.loading = false;
    }
  }

  private adopt(snapshot: IntelligenceSnapshot): void {
    this.held = snapshot;
    this.strategies.clear();
    for (const model of snapshot.strategies) {
      const predictor = StrategyPredictor.from(model);
      if (predictor) this.strategies.set(model.type, predictor);
      else
        this.logger.warn(
          `version ${model.version} of the model for ${model.type} cannot be read, and is not used`,
        );
    }
    this.latencyPredictor = snapshot.latency === null ? undefined : LatencyPredictor.from(snapshot.latency);
    for (const listener of this.listeners) listener(snapshot);
  }
}
