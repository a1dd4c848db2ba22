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
  natsConnections: choiceField('NEXUS_NATS_CONNECTIONS', ['pooled', 'single'], {
    means:
      'Whether requests, control traffic, messages to agents and bulk have a NATS connection each, or one for all.',
    trades: 'Pooled, none waits behind another; single saves the broker up to three connections a process.',
    default: 'pooled',
  }),
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
    means: 'The port of /health/live, /health/ready and /metrics (for Prometheus); none of them when unset.',
    max: 65_535,
  }),
  healthHost: textField('NEXUS_HEALTH_HOST', {
    means: 'The address that the health endpoint listens on.',
    trades: '127.0.0.1 shows it to this machine alone, where no container engine can probe it from outside.',
    default: '0.0.0.0',
  }),
  gossipRoundMs: integerField('NEXUS_GOSSIP_ROUND_MS', {
    means: 'The time between two rounds of gossip; it must be about the same for all members.',
    trades:
      'Shorter spreads news and notices death sooner (a dead member within 20 rounds), and costs messages and wake-ups.',
    unit: 'ms',
    min: 20,
    max: 60_000,
    default: 1_000,
  }),
  gossipRoundBytesMax: integerField('NEXUS_GOSSIP_ROUND_BYTES_MAX', {
    means: 'The most that a member sends in one round, over all its exchanges.',
    trades:
      'More brings large changes, and newcomers, up to date in fewer rounds; it bounds what gossip costs.',
    unit: 'bytes',
    min: 32 * 1_024,
    max: 16 * 1_024 * 1_024,
    default: 128 * 1_024,
  }),
  gossipPhiSuspect: integerField('NEXUS_GOSSIP_PHI_SUSPECT', {
    means:
      'The suspicion (phi accrual) at which a silent member is suspected: 8 is wrong once in 10⁸ times by its model.',
    trades: 'Lower notices death sooner, and suspects slow members.',
    min: 1,
    max: 16,
    default: 8,
  }),
  gossipSuspicionRounds: integerField('NEXUS_GOSSIP_SUSPICION_ROUNDS', {
    means: 'How long a suspected member may refute, before it counts as dead.',
    trades: 'Longer spares members that were paused or cut off for a moment; shorter acts on death sooner.',
    unit: 'rounds',
    min: 1,
    max: 50,
    default: 6,
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

/** For services that predict by published models. */
export const predictionFields = {
  confidenceMin: ratioField('NEXUS_CONFIDENCE_MIN', {
    means:
      'A model that is less sure than this that its choice is better than the performance layer’s is not followed.',
    trades: 'Higher leaves more to the performance layer; lower follows weaker evidence.',
    default: 0.8,
  }),
};
