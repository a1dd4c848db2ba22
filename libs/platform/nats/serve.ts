import { applyDecorators } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { type Endpoint } from '@nexus/contracts';

/** What the transport finds beside a handler. */
export interface ServeExtras {
  readonly endpoint: Endpoint;
}

/**
 * Marks a controller's method as the door of an endpoint. The method gets the request already decoded and checked
 * against the endpoint's schema, and a `NatsContext` by `@Ctx()`; what it returns is the reply.
 */
export const Serve = (endpoint: Endpoint): MethodDecorator =>
  applyDecorators(MessagePattern(endpoint.template, { endpoint } satisfies ServeExtras));
