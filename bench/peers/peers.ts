import { type Peer } from './peer.js';

/** Loaded by name, so that a process holds the packages of its own peer only. */
export const peers = {
  raw: async (): Promise<Peer> => (await import('./raw.js')).raw,
  queueGroup: async (): Promise<Peer> => (await import('./queue-group.js')).queueGroup,
  nest: async (): Promise<Peer> => (await import('./nest.js')).nest,
  moleculer: async (): Promise<Peer> => (await import('./moleculer.js')).moleculer,
  nexus: async (): Promise<Peer> => (await import('./nexus.js')).nexus,
  nexusHosts: async (): Promise<Peer> => (await import('./nexus.js')).nexusHosts,
} as const;

export type PeerName = keyof typeof peers;

export const isPeerName = (name: string): name is PeerName => Object.hasOwn(peers, name);
