/**
 * Configuration for fleets of thousands in one process: a heartbeat every ten seconds an agent, so that what is measured
 * is not the heartbeats.
 */
export const calmFleet = {
  NEXUS_AGENT_HEARTBEAT_MS: '10000',
  NEXUS_AGENT_TTL_MS: '60000',
} as const;
