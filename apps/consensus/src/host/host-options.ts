import { type ReplicaId } from '@nexus/contracts';
import { type LogStore } from '@nexus/core/raft';
import { type Drops } from '@nexus/platform/nats';
import { type Connection } from '@nexus/wire';
import { type ImagePolicy } from '../replica/image-writer.js';
import { type Timing } from '../timing.js';

export interface HostOptions {
  readonly replicaId: ReplicaId;
  /** The replicas of the initial group. */
  readonly initial: readonly ReplicaId[];
  /** Of this process. */
  readonly incarnation: string;
  readonly timing: Timing;
  readonly images: ImagePolicy;
  readonly entriesRetained: number;
  /** For replicas among themselves alone. */
  readonly connection: Connection;
  /** Names the cluster as well: whoever answers the same subjects belongs together. */
  readonly prefix: string;
  readonly drops: Drops;
  readonly openStore: () => Promise<LogStore>;
  /** The replica ended for good; whoever runs the process decides what that means for it. */
  readonly failed: (error: Error) => void;
}

/** One deployment has one group; the name leaves room for more. */
export const group = 'decisions';
