import { type Route } from '@nexus/contracts';
import { type RouteTable } from '@nexus/core/route-table';
import { type RouteFollower } from '@nexus/routes';

/** A replica that has just started loads its table within this, or says that it is not ready. */
const firstLoadWaitMs = 2_000;

/**
 * The table in memory, from which everything is answered.
 * @throws NexusError `unavailable` when it was never loaded
 */
export async function heldTable(follower: RouteFollower): Promise<RouteTable<Route>> {
  if (!follower.ready) await follower.whenReady(firstLoadWaitMs);
  return follower.table;
}
