import { Injectable } from '@nestjs/common';
import { type ListReply, type ListRequest } from '@nexus/contracts';
import { RouteFollower } from '@nexus/routes';
import { AgentViews } from './agent-views.js';
import { heldTable } from '../store/held-table.js';
import { withinBytes } from './within-bytes.js';

/** A page may end before its limit: it must fit a message. */
const pageBytesMax = 512 * 1024;

/** Lists agents in the order of their ids, so that a page behind a cursor is right whatever joined or left meanwhile. */
@Injectable()
export class ListHandler {
  constructor(
    private readonly follower: RouteFollower,
    private readonly views: AgentViews,
  ) {}

  /** @throws NexusError `unavailable` before the table is loaded */
  async list({ cursor, limit, ...filter }: ListRequest): Promise<ListReply> {
    const page = (await heldTable(this.follower)).page(cursor, limit, filter);
    const views = await this.views.of(page.routes);
    const agents = withinBytes(views, pageBytesMax);
    const cut = agents.length < views.length;
    return { agents: [...agents], cursor: cut ? (agents.at(-1)?.agentId ?? null) : page.next };
  }
}
