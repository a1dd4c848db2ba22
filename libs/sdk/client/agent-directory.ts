import { type AgentView, endpoints, type ListReply } from '@nexus/contracts';
import { type Ask } from './ask.js';

export interface AgentQuery {
  readonly group?: string;
  readonly capability?: string;
  readonly node?: string;
  /** Agents fetched at a time, 1 to 1,000. Default 100. */
  readonly pageSize?: number;
}

/** The agents of the fleet. */
export class AgentDirectory {
  constructor(private readonly ask: Ask) {}

  /**
   * All agents that match, fetched a page at a time as they are read.
   * @throws NexusError as they come
   */
  async *list(query: AgentQuery = {}): AsyncGenerator<AgentView, void, undefined> {
    const { pageSize, ...filter } = query;
    let cursor: string | null | undefined;
    do {
      const page: ListReply = await this.ask(
        endpoints.agentsList,
        {},
        { ...filter, ...(pageSize !== undefined && { limit: pageSize }), ...(cursor && { cursor }) },
      );
      yield* page.agents;
      cursor = page.cursor;
    } while (cursor);
  }

  /**
   * One agent with its live load and health.
   * @throws NexusError `not_found`
   */
  get(agentId: string): Promise<AgentView> {
    return this.ask(endpoints.agentsGet, {}, { agentId });
  }
}
