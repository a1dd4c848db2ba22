import { type RouteTable } from '@nexus/core/route-table';

/** Port: a route table that somebody keeps up to date; each `on…` returns how to stop. */
export interface RouteSource {
  readonly table: Pick<RouteTable, 'get' | 'resolve' | 'all'>;
  /** Told of each row that changed, was added or removed; undefined when all may have. */
  onRow(listener: (agentId: string | undefined) => void): () => void;
  /** Told of each agent that was removed: it said goodbye, or is given up as dead. */
  onAgentGone(listener: (agentId: string, reason: 'left' | 'gone') => void): () => void;
}
