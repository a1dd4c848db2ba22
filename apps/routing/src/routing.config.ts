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
      'Longest silence before an agent is suspected; after half as long again it is gone. One that beats regularly is ' +
      'suspected sooner. A few heartbeats long.',
    trades: 'Shorter notices the death of irregular agents sooner, and takes slow ones for dead.',
    unit: 'ms',
    min: 100,
    max: 600_000,
    default: 3_000,
  }),
  agentPhiSuspect: integerField('NEXUS_AGENT_PHI_SUSPECT', {
    means:
      'Suspicion (phi: 8 is one mistake in 10⁸ by the model) at which an agent that used to beat regularly is ' +
      'suspected, before its time to live is over.',
    trades: 'Lower notices death sooner, and suspects agents that are merely late.',
    unit: 'phi',
    min: 1,
    max: 100,
    default: 8,
  }),
};

export type RoutingConfig = ConfigOf<typeof routingFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadRoutingConfig = (env = process.env): RoutingConfig =>
  loadConfig({ service: 'routing', fields: routingFields, env });
