import { type Change } from '@nexus/core/replicated-state';
import { type Configuration, type Standing } from '@nexus/core/raft';

/** Hears what happens to a replica, in order. It must neither throw nor take long. */
export interface ReplicaWatcher {
  /** Role, term or leader changed. */
  readonly standing?: (standing: Standing, before: Standing) => void;
  /** What the entries of one turn changed, at least one change, and how many bytes of commands that took. */
  readonly changed?: (changes: readonly Change[], bytes: number) => void;
  /** The state was replaced by an image at `index`: what changed before is not told one by one. */
  readonly restored?: (index: number) => void;
  /** A configuration was committed. */
  readonly members?: (index: number, configuration: Configuration) => void;
  /** The replica takes part no more: its store failed, or an invariant is broken. */
  readonly failed?: (error: Error) => void;
}
