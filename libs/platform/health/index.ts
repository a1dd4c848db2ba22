export { type HealthCheck, HealthServer, type HealthServerOptions } from './health-server.js';
