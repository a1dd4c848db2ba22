import { type Route } from '@nexus/contracts';
import { type RouteTable } from '@nexus/core/route-table';

/** The agents of the table that a snapshot no longer has. */
export function removedBetween(table: RouteTable<Route>, next: readonly Route[]): string[] {
  const present = new Set<string>(next.map(({ agentId }) => agentId));
  return table.all().flatMap(({ agentId }) => (present.has(agentId) ? [] : [agentId]));
}
