import { NexusError, type Route, type Selector } from '@nexus/contracts';
import { type AgentGoneListener, type RouteFollower, targetSetOf } from '@nexus/routes';
import { type Deadline } from '../coordination/deadline.js';

/** The agents that a request is for, in the order of their ids. */
export interface Targets {
  readonly agents: readonly Route[];
  /** Named in `ids`, and registered nowhere. */
  readonly unknown: readonly string[];
  readonly selector: Selector;
  /** The table that said so. */
  readonly routes: { readonly version: number; readonly ageMs: number };
}

/** How long a request waits for the first route table after a start, in milliseconds. */
const firstTablePatienceMs = 2_000;

/** Finds agents in the route table that this process holds in memory; no call to another service. */
export class Fleet {
  constructor(private readonly follower: RouteFollower) {}

  /**
   * At once, unless the table is known to lack something.
   * @throws NexusError `unavailable` before the first route table has arrived; `not_found` when it names no agent
   */
  resolve(selector: Selector, deadline: Deadline): Targets | Promise<Targets> {
    return this.follower.isWhole ? this.lookUp(selector) : this.resolveOnceWhole(selector, deadline);
  }

  /** Every agent that is registered; undefined before the first route table has arrived. */
  all(): readonly Route[] | undefined {
    return this.follower.ready ? this.follower.table.all() : undefined;
  }

  /** The agent's row in the table; undefined when it is not registered. */
  find(agentId: string): Route | undefined {
    return this.follower.table.get(agentId);
  }

  /** Calls `listener` after each change of the table; returns how to stop. */
  onChanged(listener: () => void): () => void {
    return this.follower.onChanged(listener);
  }

  /** The agents that a selector names right now. */
  select(selector: Selector): readonly Route[] {
    return this.follower.table.resolve(targetSetOf(selector)).agents;
  }

  /** Calls `listener` when an agent has left or is given up as dead; returns how to stop. */
  onAgentGone(listener: AgentGoneListener): () => void {
    return this.follower.onAgentGone(listener);
  }

  private async resolveOnceWhole(selector: Selector, deadline: Deadline): Promise<Targets> {
    if (!this.follower.ready) {
      await this.follower.whenReady(Math.min(firstTablePatienceMs, deadline.remainingMs));
    }
    // An agent whose registration is on its way here would be missing from the answer without a word.
    await this.follower.whenWhole(deadline.remainingMs / 2);
    return this.lookUp(selector);
  }

  private lookUp(selector: Selector): Targets {
    const { table } = this.follower;
    const { agents, unknown } = table.resolve(targetSetOf(selector));
    if (agents.length === 0 && unknown.length === 0) {
      throw new NexusError('not_found', `no agent is registered for ${JSON.stringify(selector)}`);
    }
    const ageMs = Math.round(this.follower.confirmedAgeMs());
    return { agents, unknown, selector, routes: { version: table.position?.version ?? 0, ageMs } };
  }
}
