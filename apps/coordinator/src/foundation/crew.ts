import { type Route } from '@nexus/contracts';
import { type Fleet, type Targets } from '../fleet/fleet.js';

export interface CrewEvents {
  /** It takes no more work, and finishes what it has. */
  readonly left: (agentId: string) => void;
  /** It is dead, and what it had is lost. */
  readonly gone: (agentId: string) => void;
  /** It may be given work: back in a new life, or new among the targets. */
  readonly joined: (route: Route) => void;
}

/** The agents of one piece of work, as they come and go while it runs. */
export class Crew {
  private readonly members: Set<string>;
  /** Members that are away, with the version of their row then: a newer one that is alive means that they are back. */
  private readonly away = new Map<string, number>();
  private stops: (() => void)[] = [];
  /** Whether agents that join the targets meanwhile are wanted too. */
  recruiting = false;

  constructor(
    private readonly fleet: Pick<Fleet, 'find' | 'select' | 'onChanged' | 'onAgentGone'>,
    private readonly targets: Targets,
    private readonly events: CrewEvents,
  ) {
    this.members = new Set(targets.agents.map(({ agentId }) => agentId));
  }

  /** Starts telling. */
  watch(): void {
    this.stops = [
      this.fleet.onAgentGone((agentId, reason) => {
        if (!this.members.has(agentId)) return;
        this.away.set(agentId, 0);
        this.events[reason](agentId);
      }),
      this.fleet.onChanged(() => this.welcome()),
    ];
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** Nobody listens where this member should; it is away until it registers again, or is heard of again. */
  unreachable(agentId: string): void {
    this.away.set(agentId, this.fleet.find(agentId)?.version ?? 0);
  }

  /** Takes in agents that have joined the targets since the work began. */
  recruit(): void {
    for (const route of this.fleet.select(this.targets.selector)) {
      if (route.liveness !== 'alive' || this.members.has(route.agentId)) continue;
      this.members.add(route.agentId);
      this.events.joined(route);
    }
  }

  private welcome(): void {
    for (const [agentId, version] of this.away) {
      const route = this.fleet.find(agentId);
      if (route?.liveness !== 'alive' || route.version <= version) continue;
      this.away.delete(agentId);
      this.events.joined(route);
    }
    if (this.recruiting) this.recruit();
  }
}
