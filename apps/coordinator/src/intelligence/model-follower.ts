import { Logger } from '@nestjs/common';
import {
  endpoints,
  type GoalType,
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
  /** Without a beacon for so long the models are not used any more, in milliseconds. */
  readonly staleAfterMs: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

const loadTimeoutMs = 5_000;
const nothing: IntelligenceSnapshot = {
  revision: 0,
  strategies: [],
  latency: null,
  probation: [],
  demotions: [],
};

/**
 * Holds what the intelligence service published, so that a request needs no call to it. A beacon tells when there is
 * something new; whatever fails, the next beacon tries it again, and what is held serves until it is stale.
 */
export class ModelFollower {
  private readonly logger = new Logger('ModelFollower');
  private readonly subscription: { unsubscribe(): void };
  private readonly listeners = new Set<(snapshot: IntelligenceSnapshot) => void>();
  private readonly strategies = new Map<GoalType, StrategyPredictor>();
  private latencyPredictor: LatencyPredictor | undefined;
  private held: IntelligenceSnapshot | undefined;
  private heardAtMs = -Infinity;
  private loading = false;

  /** Subscribes, and asks once at once: the first beacon may be seconds away. */
  constructor(private readonly options: ModelFollowerOptions) {
    const { connection, prefix, drops } = options;
    this.subscription = connection.subscribe(
      subjectOf(prefix, subjects.intelligenceBeacon, {}),
      ({ data }) => {
        try {
          const { revision } = parse(intelligenceBeaconSchema, decodeBody(data), 'beacon');
          this.heardAtMs = options.now();
          if (revision !== this.held?.revision) void this.load();
        } catch {
          drops.malformedInternal += 1;
        }
      },
    );
    void this.load();
  }

  /** Whether there ever was an intelligence service. */
  get everHeard(): boolean {
    return this.heardAtMs > -Infinity;
  }

  /** Whether nothing was heard of it for too long. */
  get isStale(): boolean {
    return this.options.now() - this.heardAtMs > this.options.staleAfterMs;
  }

  get revision(): number {
    return this.held?.revision ?? 0;
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
  follow(listener: (snapshot: IntelligenceSnapshot) => void): () => void {
    this.listeners.add(listener);
    listener(this.held ?? nothing);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.subscription.unsubscribe();
    this.listeners.clear();
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
      this.heardAtMs = now();
      this.adopt(snapshot);
    } catch (thrown) {
      // Nobody serves it, or not now: the next beacon says when somebody does.
      this.logger.debug(`the models could not be loaded: ${NexusError.from(thrown).message}`);
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
