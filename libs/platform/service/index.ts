export {
  type BaseConfig,
  type Composition,
  type ServiceBlueprint,
  type ServiceInstance,
} from './blueprint.js';
export { bootService, type BootedService, type BootOptions, nameInstance } from './boot-service.js';
export { runService } from './run-service.js';
export { onceSignalled } from './signals.js';
export { whenReady } from './when-ready.js';
export { nexusVersion } from './version.js';
