export { type ServiceIdentity } from './discovery.js';
export { Drops } from './drops.js';
export { EventPublisher } from './event-publisher.js';
export { NatsContext, type SendPart } from './nats-context.js';
export { NATS_PREFIX, NatsModule, type NatsModuleOptions } from './nats.module.js';
export { Serve } from './serve.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
