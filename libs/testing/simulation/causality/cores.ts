import { type CausalReceiver, type CausalSender, type Kept } from '@nexus/core/causality';

/** The classes under test. They are handed in, so that a build with a planted mistake can take their place. */
export interface CausalityCores {
  readonly CausalSender: typeof CausalSender;
  readonly CausalReceiver: typeof CausalReceiver;
  readonly Kept: typeof Kept;
}
