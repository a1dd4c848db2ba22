import { NexusError, type Route } from '@nexus/contracts';
import { type RouteSnapshot, type RouteTable } from '@nexus/core/route-table';
import { type RouteChanges } from '../changes/route-changes.js';
import { type RouteReader } from './route-reader.js';
import { type RouteStore } from './route-store.js';

/**
 * Loads the table from Redis. When Redis no longer has the table that is held in memory (it was wiped, or came back
 * without its last second), the rows held are put back first: so a loss in Redis is repaired by the first replica that
 * notices, and what the replica holds is replaced only by a table that has it all.
 */
export class StoreLoader {
  constructor(
    private readonly store: RouteStore,
    private readonly reader: RouteReader,
    private readonly changes: RouteChanges,
  ) {}

  async load(held: RouteTable<Route>): Promise<RouteSnapshot<Route>> {
    const { epoch, state } = await this.store.position(held.position);
    if (held.position === undefined) {
      // We cannot help, and what there is by now is not all.
      if (state === 'shut') throw new NexusError('unavailable', 'the routes are being restored');
    } else if (held.position.epoch !== epoch) {
      for await (const deltas of this.store.restore(held)) {
        for (const delta of deltas) this.changes.publish(delta);
      }
    }
    if (state !== 'open') await this.store.open(epoch);
    return this.reader.snapshot();
  }
}
