import { context, createContextKey, type Context } from '@opentelemetry/api';

export interface ServiceIdentity {
  /** The service as in its subjects, as `routing`; traces show it as `nexus-routing`. */
  readonly service: string;
  readonly instanceId: string;
}

const ownerKey = createContextKey('nexus service');

/** The service that the code of this context works for. */
export const ownerOf = (from: Context): ServiceContext | undefined => {
  const owner = from.getValue(ownerKey);
  return owner instanceof ServiceContext ? owner : undefined;
};

/**
 * Makes spans belong to a service, so that several in one process show as several in a trace. Whatever takes messages
 * in for a service passes their context through `enter`.
 */
export class ServiceContext {
  constructor(readonly identity: ServiceIdentity) {}

  /** The context with this service as the owner of the spans that start in it. */
  enter(from: Context = context.active()): Context {
    return from.setValue(ownerKey, this);
  }

  /** Runs `work`, and all that it starts, for this service. */
  run<T>(work: () => T): T {
    return context.with(this.enter(), work);
  }
}

/** How a service shows in traces and logs. */
export const displayName = (service: string): string =>
  service.startsWith('nexus-') ? service : `nexus-${service}`;
