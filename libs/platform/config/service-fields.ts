import { limits } from '@nexus/contracts';
import {
  choiceField,
  integerField,
  nodeIdField,
  ratioField,
  textField,
  tokenField,
  urlField,
  urlsField,
} from './field-builders.js';

/** The fields that every service has. */
export const serviceFields = {
  natsServers: urlsField('NEXUS_NATS_URL', {
    means: 'The NATS server to connect to, or several of one cluster.',
    schemes: ['nats:', 'tls:'],
    default: 'nats://127.0.0.1:4222',
  }),
  natsUser: textField('NEXUS_NATS_USER', { means: 'The user for NATS.' }),
  natsPassword: textField('NEXUS_NATS_PASSWORD', { means: 'The password for NATS.', secret: true }),
  prefix: tokenField('NEXUS_PREFIX', {
    means: 'The first token of every subject and Redis key, so that several fleets share the servers.',
    default: 'nexus',
  }),
  nodeId: nodeIdField('NEXUS_NODE_ID', {
    means: 'Names this process in traces, logs and answers; chosen at start when unset.',
  }),
  logLevel: choiceField('NEXUS_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    means: 'The least grave line that is logged.',
    trades: 'debug and trace show each message and cost throughput.',
    default: 'info',
  }),
  drainTimeoutMs: integerField('NEXUS_DRAIN_TIMEOUT_MS', {
    means: 'How long work in flight may take to end after SIGTERM.',
    trades: 'Longer loses less work; the supervisor must wait longer before it kills.',
    unit: 'ms',
    max: 600_000,
    default: 10_000,
  }),
  requestBytesMax: integerField('NEXUS_REQUEST_BYTES_MAX', {
    means: 'The largest request body that is accepted; never above what the broker carries.',
    trades: 'Larger requests save round trips and cost memory for as long as they are under way.',
    unit: 'bytes',
    min: 1_024,
    max: 64 * 1_024 * 1_024,
    default: limits.requestBytesMax,
  }),
  healthPort: integerField('NEXUS_HEALTH_PORT', {
    means: 'The port of /health/live and /health/ready; no health endpoint when unset.',
    max: 65_535,
  }),
  healthHost: textField('NEXUS_HEALTH_HOST', {
    means: 'The address that the health endpoint listens on.',
    trades: '127.0.0.1 shows it to this machine alone, where no container engine can probe it from outside.',
    default: '0.0.0.0',
  }),
  otlpEndpoint: urlField('OTEL_EXPORTER_OTLP_ENDPOINT', {
    means: 'Where traces go by OTLP over HTTP, at /v1/traces below this URL; no export when unset.',
    schemes: ['http:', 'https:'],
  }),
  traceRatio: ratioField('NEXUS_TRACE_RATIO', {
    means: 'The share of traces that is recorded; a caller that sent a trace context has decided itself.',
    trades: 'A low share costs little and misses rare events.',
    default: 1,
  }),
};

/** The field of the services that use Redis. */
export const redisFields = {
  redisUrl: urlField('NEXUS_REDIS_URL', {
    means: 'The Redis server that holds routes, counters and liveness.',
    schemes: ['redis:', 'rediss:'],
    default: 'redis://127.0.0.1:6379',
  }),
};
