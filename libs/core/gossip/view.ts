import { type MemberId, type MemberKind } from './identity.js';

export type MemberStatus = 'alive' | 'suspected' | 'dead' | 'left';

/** A member as another one sees it. */
export interface MemberView {
  readonly id: MemberId;
  readonly kind: MemberKind;
  readonly generation: number;
  readonly heartbeat: number;
  readonly status: MemberStatus;
  /** The suspicion level right now; 0 for oneself. */
  readonly phi: number;
  /** Since its heartbeat was last seen to advance, in milliseconds; 0 for oneself. */
  readonly silentMs: number;
  readonly maxVersion: number;
  readonly vitals: string;
}

/** Whether everybody knows the same, as far as this member can tell. */
export interface Convergence {
  /** True only when every live member said to know what this one knows, and none is suspected or lately lost. */
  readonly converged: boolean;
  /** The versions for which that holds (or is not yet known to), a member each. */
  readonly versions: ReadonlyMap<MemberId, number>;
  /** Members that have not said so, or cannot be reached. */
  readonly waitingFor: readonly MemberId[];
}
