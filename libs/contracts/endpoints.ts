import { type z } from 'zod';
import {
  deregisterRequestSchema,
  emptyReplySchema,
  getRequestSchema,
  agentViewSchema,
  heartbeatRequestSchema,
  listReplySchema,
  listRequestSchema,
  registerReplySchema,
  registerRequestSchema,
} from './agents.js';
import { assignReplySchema, assignRequestSchema } from './assign.js';
import { coordinateReplySchema, coordinateRequestSchema } from './coordinate.js';
import { routesSnapshotReplySchema, routesSnapshotRequestSchema } from './routes.js';

/** The services that serve endpoints; each name is also a queue group. */
export type ServiceName = 'coordinator' | 'routing';

/** One subject that a service answers. Everything that must agree about it is here, once. */
export interface Endpoint<
  T extends string = string,
  Req extends z.ZodType = z.ZodType,
  Rep extends z.ZodType = z.ZodType,
> {
  /** Its name in `$SRV` discovery, in traces and in error messages. */
  readonly name: string;
  /** The service that serves it; also its queue group. */
  readonly service: ServiceName;
  /** Below the prefix, `{name}` for an id: `agents.register.{agentId}`. */
  readonly template: T;
  /** One sentence for people. */
  readonly summary: string;
  readonly request: Req;
  readonly reply: Rep;
  /** Internal endpoints are no contract and stay out of the published document. */
  readonly internal?: boolean;
}

const endpoint = <T extends string, Req extends z.ZodType, Rep extends z.ZodType>(
  definition: Endpoint<T, Req, Rep>,
): Endpoint<T, Req, Rep> => Object.freeze(definition);

const coordinate = {
  service: 'coordinator',
  request: coordinateRequestSchema,
  reply: coordinateReplySchema,
} as const;

export const endpoints = {
  coordinate: endpoint({
    ...coordinate,
    name: 'coordinate',
    template: 'coordinate.{userId}',
    summary: 'Broadcast to, gather from, vote with or share work out over a set of agents, as a named user.',
  }),
  coordinateAnonymous: endpoint({
    ...coordinate,
    name: 'coordinate-anonymous',
    template: 'coordinate',
    summary: 'The same as user `anonymous`, in an open deployment.',
  }),
  agentsRegister: endpoint({
    name: 'agents-register',
    service: 'routing',
    template: 'agents.register.{agentId}',
    summary: 'Join the fleet, or replace one’s own registration by its token.',
    request: registerRequestSchema,
    reply: registerReplySchema,
  }),
  agentsHeartbeat: endpoint({
    name: 'agents-heartbeat',
    service: 'routing',
    template: 'agents.heartbeat.{agentId}',
    summary: 'Say that one is alive, and how loaded.',
    request: heartbeatRequestSchema,
    reply: emptyReplySchema,
  }),
  agentsDeregister: endpoint({
    name: 'agents-deregister',
    service: 'routing',
    template: 'agents.deregister.{agentId}',
    summary: 'Leave the fleet.',
    request: deregisterRequestSchema,
    reply: emptyReplySchema,
  }),
  agentsList: endpoint({
    name: 'agents-list',
    service: 'routing',
    template: 'agents.list',
    summary: 'The agents, a page at a time, by group, capability or node.',
    request: listRequestSchema,
    reply: listReplySchema,
  }),
  agentsGet: endpoint({
    name: 'agents-get',
    service: 'routing',
    template: 'agents.get',
    summary: 'One agent with its live load and health.',
    request: getRequestSchema,
    reply: agentViewSchema,
  }),
  routingAssign: endpoint({
    name: 'routing-assign',
    service: 'routing',
    template: 'routing.assign',
    summary: 'Pick agents for units of work without coordinating it.',
    request: assignRequestSchema,
    reply: assignReplySchema,
  }),
  routesSnapshot: endpoint({
    name: 'routes-snapshot',
    service: 'routing',
    template: 'int.routes.snapshot',
    summary: 'The route table, a page at a time.',
    request: routesSnapshotRequestSchema,
    reply: routesSnapshotReplySchema,
    internal: true,
  }),
} as const;
