import { type AgentView, type Route } from '@nexus/contracts';
import { type RouteReader, type Vitals } from '../store/route-reader.js';

/** Rows as others see them, with what Redis knows of their last heartbeats. */
export class AgentViews {
  constructor(private readonly reader: RouteReader) {}

  async of(routes: readonly Route[]): Promise<AgentView[]> {
    const vitals = await this.reader.vitals(routes);
    return routes.map((route, index) => viewOf(route, vitals[index] ?? {}));
  }
}

function viewOf(route: Route, vitals: Vitals): AgentView {
  const { liveness, tokenHash: _, version: __, ...told } = route;
  return { ...told, health: liveness, ...vitals };
}
