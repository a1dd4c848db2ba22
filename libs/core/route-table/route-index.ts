import { type Route } from './route.js';
import { SortedIds } from './sorted-ids.js';

/** Which agents bear a label, as a group or a capability. A label that nobody bears any more takes no room. */
export class RouteIndex {
  private readonly byLabel = new Map<string, SortedIds>();

  constructor(private readonly labelsOf: (route: Route) => readonly string[]) {}

  get(label: string): SortedIds | undefined {
    return this.byLabel.get(label);
  }

  add(route: Route): void {
    for (const label of this.labelsOf(route)) {
      const ids = this.byLabel.get(label);
      if (ids) ids.add(route.agentId);
      else this.byLabel.set(label, SortedIds.of([route.agentId]));
    }
  }

  remove(route: Route): void {
    for (const label of this.labelsOf(route)) {
      const ids = this.byLabel.get(label);
      ids?.delete(route.agentId);
      if (ids?.size === 0) this.byLabel.delete(label);
    }
  }

  /** Forgets everything and indexes these rows, sorting each label once. */
  rebuild(routes: Iterable<Route>): void {
    const collected = new Map<string, Set<string>>();
    for (const route of routes) {
      for (const label of this.labelsOf(route)) {
        const ids = collected.get(label);
        if (ids) ids.add(route.agentId);
        else collected.set(label, new Set([route.agentId]));
      }
    }
    this.byLabel.clear();
    for (const [label, ids] of collected) this.byLabel.set(label, SortedIds.of(ids));
  }
}
