import { type Raft } from '@nexus/core/raft';
import { type LogClock, type ReplicatedState } from '@nexus/core/replicated-state';

/** The classes under test. They are handed in, so that a build with a planted mistake can take their place. */
export interface Cores {
  readonly Raft: typeof Raft;
  readonly ReplicatedState: typeof ReplicatedState;
  readonly LogClock: typeof LogClock;
}
