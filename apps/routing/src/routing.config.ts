import { type ConfigOf, integerField, loadConfig, redisFields, serviceFields } from '@nexus/platform/config';

export const routingFields = {
  ...serviceFields,
  ...redisFields,
  agentHeartbeatMs: integerField('NEXUS_AGENT_HEARTBEAT_MS', {
    means: 'How often agents are asked to send heartbeats.',
    trades: 'More often shows load and death sooner, and costs messages.',
    unit: 'ms',
    min: 50,
    max: 60_000,
    default: 1_000,
  }),
  agentTtlMs: integerField('NEXUS_AGENT_TTL_MS', {
    means:
      'Silence after which an agent is suspected; after half as long again it is gone. A few heartbeats long.',
    trades: 'Shorter notices death sooner, and takes slow agents for dead ones.',
    unit: 'ms',
    min: 100,
    max: 600_000,
    default: 3_000,
  }),
};

export type RoutingConfig = ConfigOf<typeof routingFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadRoutingConfig = (env = process.env): RoutingConfig =>
  loadConfig({ service: 'routing', fields: routingFields, env });
