import { type Route } from '@nexus/contracts';
import { RouteTable } from '@nexus/core/route-table';
import { type RouteSource } from '../fleet/route-source.js';

/** A route table that a test changes by hand. */
export class HandRoutes implements RouteSource {
  readonly table = new RouteTable<Route>();
  private readonly rowListeners = new Set<(agentId: string | undefined) => void>();
  private readonly goneListeners = new Set<(agentId: string, reason: 'left' | 'gone') => void>();
  private version = 0;

  constructor(agentIds: readonly string[] = [], traits: Partial<Route> = {}) {
    const routes = agentIds.map((agentId) => this.routeOf(agentId, traits));
    this.table.load({ epoch: 'e', version: this.version, routes });
  }

  onRow(listener: (agentId: string | undefined) => void): () => void {
    this.rowListeners.add(listener);
    return () => this.rowListeners.delete(listener);
  }

  onAgentGone(listener: (agentId: string, reason: 'left' | 'gone') => void): () => void {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  }

  join(agentId: string, traits: Partial<Route> = {}): void {
    const route = this.routeOf(agentId, traits);
    this.table.apply({ epoch: 'e', version: this.version, change: { kind: 'upsert', route } });
    for (const listener of this.rowListeners) listener(agentId);
  }

  remove(agentId: string, reason: 'left' | 'gone'): void {
    this.version += 1;
    this.table.apply({ epoch: 'e', version: this.version, change: { kind: 'remove', agentId, reason } });
    for (const listener of this.rowListeners) listener(agentId);
    for (const listener of this.goneListeners) listener(agentId, reason);
  }

  /** Another table takes the place of this one. */
  reload(agentIds: readonly string[], traits: Partial<Route> = {}): void {
    const routes = agentIds.map((agentId) => this.routeOf(agentId, traits));
    this.table.load({ epoch: 'e', version: this.version, routes });
    for (const listener of this.rowListeners) listener(undefined);
  }

  private routeOf(agentId: string, traits: Partial<Route>): Route {
    this.version += 1;
    return {
      ...{ agentId, groups: ['g'], capabilities: [], weight: 1, liveness: 'alive' },
      ...{ registeredAt: '2026-01-01T00:00:00.000Z', tokenHash: 'f'.repeat(64), version: this.version },
      ...traits,
    } as unknown as Route;
  }
}
