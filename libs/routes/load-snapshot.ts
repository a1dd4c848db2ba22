import { type AgentId, NexusError, type Route } from '@nexus/contracts';
import { type Route as TableRow, type RouteSnapshot, type RouteTable } from '@nexus/core/route-table';
import { type Caller } from '@nexus/wire';
import { type RouteFeed } from './route-feed.js';

/**
 * Fetches the whole table from whoever has it. Its rows may be newer than its version says, never older.
 * @param held the table as it is held until then, from which a lost one can be rebuilt
 */
export type LoadSnapshot<R extends TableRow = Route> = (held: RouteTable<R>) => Promise<RouteSnapshot<R>>;

const pageTimeoutMs = 2_000;
/** At 256 KiB a page far more agents than one deployment may have; a holder that never ends must not hold us. */
const pagesMax = 10_000;

/**
 * Loads the table from the routing service, a page at a time. Pages may come from different replicas and moments: the
 * snapshot's version is that of the oldest page, and the deltas since then make the rest whole.
 */
export function loadSnapshotOverNats<R extends TableRow>(
  caller: Caller,
  feed: RouteFeed<R>,
): LoadSnapshot<R> {
  const ask = (after: AgentId | undefined) => feed.page(caller, after, pageTimeoutMs);
  return async () => {
    const first = await ask(undefined);
    const routes = [...first.routes];
    let { version, next } = first;
    for (let pages = 1; next !== null; pages += 1) {
      if (pages >= pagesMax) throw new NexusError('unavailable', 'the route table has no end');
      const page = await ask(next);
      if (page.epoch !== first.epoch) {
        throw new NexusError('unavailable', 'the route table was replaced while it was read');
      }
      routes.push(...page.routes);
      version = Math.min(version, page.version);
      next = page.next;
    }
    return { epoch: first.epoch, version, routes };
  };
}
