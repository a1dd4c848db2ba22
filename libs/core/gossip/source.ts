import { type MemberId, type MemberKind } from './identity.js';

/** Who says something, as the transport vouches for it, and when it is heard. */
export interface Source {
  readonly from: MemberId;
  readonly fromKind: MemberKind;
  readonly nowMs: number;
  readonly wallMs: number;
}
