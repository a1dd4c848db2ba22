import {
  type Convergence,
  type Effects,
  type Input,
  type MemberId,
  type MemberKind,
  type MemberView,
} from '@nexus/core/gossip';
import { type Life } from './truth.js';

/** A living member, as the invariants look into it. */
export interface Observer {
  readonly id: MemberId;
  readonly kind: MemberKind;
  readonly life: Life;
  /** Its own monotonic clock. */
  readonly localMs: number;
  readonly views: ReadonlyMap<MemberId, MemberView>;
  readonly convergence: Convergence;
  readonly keysOf: (id: MemberId) => ReadonlyMap<string, string>;
}

/** What one step of a member did. */
export interface Stepped {
  readonly observer: Observer;
  readonly input: Input;
  readonly effects: Effects;
}

export type Judge = (step: Stepped) => void;
