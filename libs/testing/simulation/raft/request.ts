import { type MemberId, type MembershipChange, type RefusalReason } from '@nexus/core/raft';
import {
  type Command,
  type ExpireCommand,
  type KeyReading,
  type Outcome,
  type SessionStamp,
} from '@nexus/core/replicated-state';

/** What is asked of the leader. */
export type Request =
  | { readonly kind: 'propose'; readonly command: Command | ExpireCommand; readonly session?: SessionStamp }
  /** `floor`: the latest entry that any answer was based on when the read was first asked. */
  | { readonly kind: 'read'; readonly key: string; readonly floor: number }
  | { readonly kind: 'change'; readonly change: MembershipChange }
  | { readonly kind: 'transfer'; readonly to: MemberId | null };

export type Answer =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'reading'; readonly reading: KeyReading }
  | { readonly kind: 'changed' }
  /** Nothing was recorded. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  /** The leader stepped down: it may come to pass, or not. */
  | { readonly kind: 'unknown' };

/** A request and where its answer goes. */
export interface Ask {
  readonly request: Request;
  readonly reply: (answer: Answer) => void;
}
