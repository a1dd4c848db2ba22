import { type ConfigOf, loadConfig, serviceFields } from '@nexus/platform/config';

export const gossipFields = { ...serviceFields };

export type GossipConfig = ConfigOf<typeof gossipFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadGossipConfig = (env = process.env): GossipConfig =>
  loadConfig({ service: 'gossip', fields: gossipFields, env });
