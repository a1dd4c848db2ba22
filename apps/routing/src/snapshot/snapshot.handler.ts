import { Injectable } from '@nestjs/common';
import { type AgentId, type RoutesSnapshotReply } from '@nexus/contracts';
import { assert } from '@nexus/core/invariant';
import { RouteFollower } from '@nexus/routes';
import { heldTable } from '../store/held-table.js';
import { withinBytes } from '../list/within-bytes.js';

const pageRowsMax = 1_000;
/** Below the 256 KiB that a page must not exceed, leaving room for what is around the rows. */
const pageBytesMax = 240 * 1024;

/** Hands the table in memory to those who start to follow it, a page at a time. */
@Injectable()
export class SnapshotHandler {
  constructor(private readonly follower: RouteFollower) {}

  /** @throws NexusError `unavailable` before the table is loaded */
  async page(after: AgentId | undefined): Promise<RoutesSnapshotReply> {
    const table = await heldTable(this.follower);
    const { position } = table;
    assert(position, 'a table that is held has a position');
    const page = table.page(after, pageRowsMax);
    const routes = withinBytes(page.routes, pageBytesMax);
    const more = page.next !== null || routes.length < page.routes.length;
    return { ...position, routes: [...routes], next: more ? (routes.at(-1)?.agentId ?? null) : null };
  }
}
