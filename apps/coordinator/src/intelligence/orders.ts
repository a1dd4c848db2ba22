import {
  type Demotion,
  type GoalType,
  type IntelligenceSnapshot,
  layerNames,
  type LayerName,
} from '@nexus/contracts';
import { type FleetLoads } from '@nexus/balancer';
import { type ModelFollower } from './model-follower.js';

/** How often is looked at what is over, in milliseconds. */
const everyMs = 1_000;

/**
 * Does what the intelligence service ordered because of anomalies: who gets less work, which goals are served lower. Each
 * order says until when it holds: should the service be gone, nobody stays punished.
 */
export class Orders {
  private readonly unfollow: () => void;
  private readonly timer: NodeJS.Timeout;
  private snapshot: Pick<IntelligenceSnapshot, 'probation' | 'demotions'> = { probation: [], demotions: [] };
  private givenAtMs = 0;
  private readonly caps = new Map<GoalType, Demotion>();
  private onProbation = '[]';

  /** @param now milliseconds that never go back */
  constructor(
    models: Pick<ModelFollower, 'follow'>,
    private readonly loads: Pick<FleetLoads, 'setProbation'>,
    private readonly now: () => number,
  ) {
    this.unfollow = models.follow((snapshot) => {
      this.snapshot = snapshot;
      this.givenAtMs = now();
      this.carryOut();
    });
    this.timer = setInterval(() => this.carryOut(), everyMs).unref();
  }

  /** The lower of a layer and the one that a type of goal was demoted to. */
  cap(type: GoalType, layer: LayerName): LayerName {
    const cap = this.caps.get(type)?.maxLayer;
    if (cap === undefined) return layer;
    return layerNames.indexOf(cap) < layerNames.indexOf(layer) ? cap : layer;
  }

  /** Whether an anomaly took the intelligence layer out for a type of goal. */
  isDemoted(type: GoalType): boolean {
    return this.caps.has(type);
  }

  stop(): void {
    this.unfollow();
    clearInterval(this.timer);
  }

  private carryOut(): void {
    const ageMs = this.now() - this.givenAtMs;
    const holds = ({ remainingMs }: { readonly remainingMs: number }) => remainingMs > ageMs;
    this.caps.clear();
    for (const demotion of this.snapshot.demotions)
      if (holds(demotion)) this.caps.set(demotion.type, demotion);
    const shares = new Map<string, number>();
    for (const { agentId, share, ...when } of this.snapshot.probation) {
      if (holds(when)) shares.set(agentId, share);
    }
    // Told only when it is something else: whoever waits for agents looks anew each time.
    const key = JSON.stringify([...shares]);
    if (key === this.onProbation) return;
    this.onProbation = key;
    this.loads.setProbation(shares);
  }
}
