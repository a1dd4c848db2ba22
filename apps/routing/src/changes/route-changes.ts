import {
  compiled,
  type PublicRoutesDelta,
  publicRoutesDeltaSchema,
  type RoutesBeacon,
  type RoutesDelta,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { type EventPublisher } from '@nexus/platform/nats';
import { type Connection, encodeBody } from '@nexus/wire';

/** What happened to an agent, for those who listen to events. */
export type AgentNews = 'joined' | 'suspected' | 'recovered' | 'left';

/** Tells everybody who follows the table what has changed, and the world what happened. */
export class RouteChanges {
  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
    private readonly events: EventPublisher,
  ) {}

  /** Publishes one change; `news` names what it means, if it is more than bookkeeping. */
  publish(delta: RoutesDelta, news?: AgentNews): void {
    this.send(subjects.routesDelta, delta);
    this.send(subjects.publicRoutesDelta, publicDeltaOf(delta));
    if (news !== undefined) this.announce(delta, news);
  }

  /** Tells where the table stands. */
  beacon(position: RoutesBeacon): void {
    this.send(subjects.routesBeacon, position);
    this.send(subjects.publicRoutesBeacon, position);
  }

  private announce({ change }: RoutesDelta, news: AgentNews): void {
    const at = new Date().toISOString();
    if (change.kind === 'remove') {
      this.events.publish('agent.left', { agentId: change.agentId, reason: change.reason, at });
    } else if (news !== 'left') {
      this.events.publish(`agent.${news}`, { agentId: change.route.agentId, at });
    }
  }

  /** While NATS is away nobody could hear it; whoever follows loads the table anew when the connection is back. */
  private send(template: string, body: RoutesDelta | PublicRoutesDelta | RoutesBeacon): void {
    if (this.connection.connected) {
      this.connection.publish(subjectOf(this.prefix, template, {}), encodeBody(body));
    }
  }
}

/** The schema names what everybody may know; all else falls off. */
const publicDeltaOf = (delta: RoutesDelta): PublicRoutesDelta =>
  compiled(publicRoutesDeltaSchema).parse(delta);
