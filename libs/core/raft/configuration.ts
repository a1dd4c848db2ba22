declare const memberBrand: unique symbol;

/**
 * Names one member of a group for the life of its log. A replica whose log was lost is a new member: the old one may
 * have voted and acknowledged what the new one knows nothing of.
 */
export type MemberId = string & { readonly [memberBrand]: true };

/** Who takes part: Raft dissertation, §4. Both lists are sorted, without duplicates, and have no member in common. */
export interface Configuration {
  /** Their majority elects and commits. */
  readonly voters: readonly MemberId[];
  /** Are sent the log and count for nothing (§4.2.1). */
  readonly learners: readonly MemberId[];
}

/** One change at a time (§4.1): two neighbouring configurations always share a member of every majority. */
export type MembershipChange =
  | { readonly kind: 'add_learner'; readonly member: MemberId }
  /** A learner that has caught up becomes a voter. */
  | { readonly kind: 'promote'; readonly member: MemberId }
  | { readonly kind: 'remove'; readonly member: MemberId };
