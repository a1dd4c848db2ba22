import { type CoordinateAnswer } from '@nexus/contracts';
import { type Seen } from '@nexus/wire';
import { type EventClock } from '../coordination/event-clock.js';
import { type CausalBroadcasts } from './causal-broadcasts.js';

/** What agents say to have seen, merged into what this coordinator knows: what it sends later comes after that. */
export class AgentHearsay {
  constructor(
    private readonly broadcasts: CausalBroadcasts,
    private readonly clock: EventClock,
  ) {}

  /** What an agent had seen when it answered. */
  readonly learn = (agentId: string, { clock, frontiers }: Seen): void => {
    if (clock !== undefined) this.clock.merge(agentId, clock);
    if (frontiers !== undefined) this.broadcasts.observeReceiver(agentId, frontiers);
  };

  /** What the agent that ran a broadcast tells of it. */
  learnOfRun({ frontiers }: CoordinateAnswer): void {
    if (frontiers !== undefined) this.broadcasts.observe(frontiers);
  }
}
