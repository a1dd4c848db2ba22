import { type AgentId, type NodeId, type WorkSample } from '@nexus/contracts';
import { type WorkWatch } from '@nexus/balancer';
import { type LoadTable, type Outcome } from '@nexus/core/balancing';

/** Pieces of work of one agent that are watched from one `take` to the next: more would say the same. */
const perAgentMax = 4;

/** A piece of work under way. */
interface Watched {
  readonly agentId: string;
  readonly features: WorkSample['features'];
}

export interface WorkSamplerOptions {
  /** Samples that are kept from one `take` to the next. */
  readonly capacity: number;
  /** The machine that an agent runs on. */
  readonly nodeOf: (agentId: string) => NodeId | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Notes of some of the work how the agent stood when it was sent, and how long it took. What an agent says of itself is one
 * figure of the four by which that is predicted; what it took is measured here.
 */
export class WorkSampler implements WorkWatch {
  private readonly begun = new Map<string, number>();
  private ready: WorkSample[] = [];
  private watched = 0;
  private offered = 0;
  /** Share of the work that is looked at, so that what is kept comes from the whole time and not from its beginning. */
  private share = 1;

  constructor(private readonly options: WorkSamplerOptions) {}

  began(table: LoadTable, slot: number, nowMs: number): Watched | undefined {
    this.offered += 1;
    const { capacity, random } = this.options;
    if (this.watched >= capacity || (this.share < 1 && random() >= this.share)) return undefined;
    const agentId = table.idOf(slot);
    const before = this.begun.get(agentId) ?? 0;
    if (before >= perAgentMax) return undefined;
    this.begun.set(agentId, before + 1);
    this.watched += 1;
    const inFlight = table.outstanding(slot);
    return {
      agentId,
      features: {
        latencyMs: table.meanLatencyMs(slot),
        inFlight,
        occupancy: inFlight / table.window(slot),
        reportedLoad: table.reportedLoad(slot, nowMs),
      },
    };
  }

  ended({ agentId, features }: Watched, outcome: Outcome, latencyMs: number): void {
    // Work that never ran says nothing of how long it takes.
    if (outcome === 'withdrawn' || outcome === 'refused') return;
    if (this.ready.length >= this.options.capacity) return;
    this.ready.push({
      agentId: agentId as AgentId,
      node: this.options.nodeOf(agentId) ?? null,
      ...{ features, latencyMs, ok: outcome === 'done' },
    });
  }

  /** What was kept since it was taken last. */
  take(): WorkSample[] {
    const taken = this.ready;
    const room = Math.min(this.options.capacity, perAgentMax * Math.max(1, this.begun.size));
    // Twice as much as there is room for: who has little to do is to fill its part all the same.
    this.share = this.offered === 0 ? 1 : Math.min(1, (2 * room) / this.offered);
    this.ready = [];
    this.begun.clear();
    this.watched = 0;
    this.offered = 0;
    return taken;
  }
}
