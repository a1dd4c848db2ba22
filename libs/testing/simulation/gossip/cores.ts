import { type GossipMember, type GossipOptions, type messageBytes } from '@nexus/core/gossip';

/** What the simulation asks of a member: another protocol may be measured in the same world. */
export type Gossiper = Pick<GossipMember, 'step' | 'members' | 'keysOf' | 'convergence'>;

/** The code under test. It is handed in, so that a build with a planted mistake can take its place. */
export interface GossipCores {
  readonly GossipMember: new (options: GossipOptions) => Gossiper;
  readonly messageBytes: typeof messageBytes;
}
