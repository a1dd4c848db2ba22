export { installTelemetry, type Telemetry, type TelemetryOptions } from './install.js';
export { ServiceContext, type ServiceIdentity } from './service-context.js';
export { type HistogramValue, type Labels, type Metric, type MetricSource } from './metric.js';
export { publishMetrics, serveMetrics } from './metrics-page.js';
export { type ReportTrouble } from './span-export.js';
export { instrumentRedis } from './redis-spans.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export { NestPinoLogger } from './nest-logger.js';
