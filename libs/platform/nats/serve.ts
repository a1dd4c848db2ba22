import { applyDecorators } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants.js';
import { RpcParamtype } from '@nestjs/microservices/enums/rpc-paramtype.enum.js';
import { type Endpoint } from '@nexus/contracts';

/** What the transport finds beside a handler. */
export interface ServeExtras {
  readonly endpoint: Endpoint;
}

/** What a parameter decorator said, by `<kind>:<place>`. */
type Parameters = Readonly<Record<string, { readonly data?: unknown; readonly pipes?: readonly unknown[] }>>;

/** What the transport hands over, in this order: the request, and its context. */
const inOrder: ReadonlySet<string> = new Set([`${RpcParamtype.PAYLOAD}:0`, `${RpcParamtype.CONTEXT}:1`]);

/**
 * Marks a controller's method as the door of an endpoint. The method gets the request already decoded and checked
 * against the endpoint's schema, and a `NatsContext` by `@Ctx()`; what it returns is the reply.
 */
export const Serve = (endpoint: Endpoint): MethodDecorator =>
  applyDecorators(MessagePattern(endpoint.template, { endpoint } satisfies ServeExtras), passByPlace);

/**
 * Where the parameters are the request and its context in this order, as nearly always, they need not be sought one by
 * one, which takes Nest a promise and another for each of them, and one for all. Without a word on parameters it
 * passes on what the transport hands over. Guards, interceptors and filters stay; what names a field or has pipes
 * is still sought.
 */
const passByPlace: MethodDecorator = (target, method) => {
  const said = (Reflect.getMetadata(PARAM_ARGS_METADATA, target.constructor, method) ?? {}) as Parameters;
  const plain = Object.entries(said).every(
    ([place, { data, pipes = [] }]) => inOrder.has(place) && data === undefined && pipes.length === 0,
  );
  if (plain) Reflect.defineMetadata(PARAM_ARGS_METADATA, {}, target.constructor, method);
};
