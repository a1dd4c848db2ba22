declare const memberBrand: unique symbol;

/** Names a member: the same over its restarts. */
export type MemberId = string & { readonly [memberBrand]: true };

/**
 * A `relay` is trusted to pass on what it heard of others. A `leaf` speaks for itself alone: what it says of others is
 * refused, and relays are all that it gossips with.
 */
export type MemberKind = 'relay' | 'leaf';

/** One life of a member. */
export interface Identity {
  readonly id: MemberId;
  readonly kind: MemberKind;
  /** Grows with every restart (the wall clock at the start, in milliseconds): a later life beats an earlier one. */
  readonly generation: number;
}
