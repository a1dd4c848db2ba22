export {
  type ConnectionClass,
  connectionClasses,
  ConnectionPool,
  type Line,
  type LineHealth,
  type PoolOptions,
} from './connection-pool.js';
export { type ServiceIdentity } from './discovery.js';
export { Drops } from './drops.js';
export { EventPublisher } from './event-publisher.js';
export { NatsContext, type SendPart } from './nats-context.js';
export { lineProvider, lineToken, NATS_PREFIX, NatsModule, type NatsModuleOptions } from './nats.module.js';
export { Serve } from './serve.js';
export { type ReadFigures, ShownFigures } from './shown-figures.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
