import { type Outcome, type Proposal } from '@nexus/core/replicated-state';
import { type RefusalReason } from '@nexus/core/raft';

/** A proposal before the leader stamps it. */
export type Submission = Omit<Proposal, 'atMs'>;

/** Nothing was recorded, here or anywhere. */
export interface NotRecorded {
  readonly kind: 'refused';
  /** `stopped`: this replica takes part no more. */
  readonly reason: RefusalReason | 'stopped';
}

/** It was recorded, and this replica will not learn whether it is, or will be, committed. */
export interface Unknown {
  readonly kind: 'unknown';
}

/** What became of a proposal. */
export type Submitted = { readonly kind: 'applied'; readonly outcome: Outcome } | NotRecorded | Unknown;

/** What became of a change of membership. */
export type Changed = { readonly kind: 'committed'; readonly index: number } | NotRecorded | Unknown;
