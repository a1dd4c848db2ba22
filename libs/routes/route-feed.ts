import {
  type AgentId,
  compiled,
  endpoints,
  parse,
  type PublicRoute,
  publicRoutesDeltaSchema,
  type Route,
  routesDeltaSchema,
  subjects,
} from '@nexus/contracts';
import { type Position, type Route as TableRow, type RouteDelta } from '@nexus/core/route-table';
import { type Caller } from '@nexus/wire';

/** Some rows of a table, and how far it had come when they were read. */
export interface RoutesPage<R extends TableRow> extends Position {
  readonly routes: readonly R[];
  /** Ask on from here; null after the last page. */
  readonly next: AgentId | null;
}

/** One of the forms in which routing tells of its table. */
export interface RouteFeed<R extends TableRow> {
  /** Where changes are told, below the prefix. */
  readonly delta: string;
  /** Where it is told how far the table has come, below the prefix. */
  readonly beacon: string;
  /** @throws NexusError `invalid_argument` for what is no change */
  readDelta(body: unknown): RouteDelta<R>;
  /** Asks for the rows behind an agent; for the first ones without. */
  page(caller: Caller, after: AgentId | undefined, timeoutMs: number): Promise<RoutesPage<R>>;
}

const fromThere = (after: AgentId | undefined) => (after === undefined ? {} : { after });

/** All of each row, for services: behind subjects that are closed to everybody else. */
export const serviceFeed: RouteFeed<Route> = {
  delta: subjects.routesDelta,
  beacon: subjects.routesBeacon,
  readDelta: (body) => parse(compiled(routesDeltaSchema), body, 'delta'),
  page: (caller, after, timeoutMs) =>
    caller.call(endpoints.routesSnapshot, {}, fromThere(after), { timeoutMs }),
};

/** What clients may know of each row. */
export const publicFeed: RouteFeed<PublicRoute> = {
  delta: subjects.publicRoutesDelta,
  beacon: subjects.publicRoutesBeacon,
  readDelta: (body) => parse(compiled(publicRoutesDeltaSchema), body, 'delta'),
  page: (caller, after, timeoutMs) =>
    caller.call(endpoints.routingRoutes, {}, fromThere(after), { timeoutMs }),
};
