import { join, resolve } from 'node:path';
import { type ReplicaPlan } from './stack/replica-plan.js';
import {
  type ConfigOf,
  integerField,
  loadConfig,
  serviceFields,
  textField,
  urlField,
} from '@nexus/platform/config';

export const standaloneFields = {
  natsUrl: urlField('NEXUS_NATS_URL', {
    means: 'A NATS server that runs already; unset, one is started.',
    schemes: ['nats:', 'tls:'],
  }),
  redisUrl: urlField('NEXUS_REDIS_URL', {
    means: 'A Redis server that runs already; unset, one is started.',
    schemes: ['redis:', 'rediss:'],
  }),
  dataDir: textField('NEXUS_DATA_DIR', {
    means: 'Where servers keep their data, and logs and pid files lie; `.nexus` in the checkout when unset.',
  }),
  prefix: serviceFields.prefix,
  logLevel: serviceFields.logLevel,
  healthPort: integerField('NEXUS_HEALTH_PORT', {
    means:
      'The port of /health/live, /health/ready and /metrics of all services in the one process; none of them when ' +
      'unset. With --processes each service has a port of its own, chosen at start.',
    max: 65_535,
  }),
  healthHost: serviceFields.healthHost,
  drainTimeoutMs: serviceFields.drainTimeoutMs,
  otlpEndpoint: serviceFields.otlpEndpoint,
  traceRatio: serviceFields.traceRatio,
};

export type StandaloneConfig = ConfigOf<typeof standaloneFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadStandaloneConfig = (env = process.env): StandaloneConfig =>
  loadConfig({ service: 'standalone', fields: standaloneFields, env });

/**
 * The environment that a service sees inside the one process: ours, with the servers that were started. The
 * process has one health endpoint, and node ids belong to processes of their own.
 */
export const serviceEnvironment = (urls: { natsUrl: string; redisUrl: string }, env = process.env) => ({
  ...env,
  NEXUS_NATS_URL: urls.natsUrl,
  NEXUS_REDIS_URL: urls.redisUrl,
  NEXUS_HEALTH_PORT: undefined,
  NEXUS_NODE_ID: undefined,
});

/** What makes a service that replica of the decision log. */
export const replicaVariables = (replicaId: string, { replicaIds, home }: ReplicaPlan) => ({
  NEXUS_CONSENSUS_REPLICA_ID: replicaId,
  NEXUS_CONSENSUS_REPLICAS: replicaIds.join(','),
  NEXUS_CONSENSUS_DATA_DIR: home,
});

/** Folders of the checkout that this file was built from. */
export const checkout = resolve(import.meta.dirname, '../../../..');

/** In the checkout, whatever directory the command was given in; a directory that is named is looked for from there. */
export const dataDirDefault = join(checkout, '.nexus');
