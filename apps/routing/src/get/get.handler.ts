import { Injectable } from '@nestjs/common';
import { type AgentView, type GetRequest, NexusError } from '@nexus/contracts';
import { RouteFollower } from '@nexus/routes';
import { AgentViews } from '../list/agent-views.js';
import { heldTable } from '../store/held-table.js';

/** One agent, with its live load. */
@Injectable()
export class GetHandler {
  constructor(
    private readonly follower: RouteFollower,
    private readonly views: AgentViews,
  ) {}

  /** @throws NexusError `not_found`; `unavailable` before the table is loaded */
  async get({ agentId }: GetRequest): Promise<AgentView> {
    const route = (await heldTable(this.follower)).get(agentId);
    const [view] = await this.views.of(route ? [route] : []);
    if (!view) throw new NexusError('not_found', `no agent ${agentId} is registered`);
    return view;
  }
}
