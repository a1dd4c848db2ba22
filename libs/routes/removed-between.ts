import { type Route, type RouteTable } from '@nexus/core/route-table';

/** The agents of the table that a snapshot no longer has. */
export function removedBetween<R extends Route>(table: RouteTable<R>, next: readonly R[]): string[] {
  const present = new Set(next.map(({ agentId }) => agentId));
  return table.all().flatMap(({ agentId }) => (present.has(agentId) ? [] : [agentId]));
}
