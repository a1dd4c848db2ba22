import { type MemberId, type MemberKind } from './identity.js';
import { type Message } from './message.js';

/** What happens to a member. */
export type Input =
  /** The time of a round has come, however late. */
  | { readonly kind: 'round' }
  /** `from` and `fromKind` are what the transport vouches for, never what the message says. */
  | {
      readonly kind: 'message';
      readonly from: MemberId;
      readonly fromKind: MemberKind;
      readonly message: Message;
    }
  /** Sets a key of one's own. An urgent one starts a round at once. */
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly urgent: boolean }
  | { readonly kind: 'delete'; readonly key: string; readonly urgent: boolean }
  /** What the next heartbeats say of how this member does. */
  | { readonly kind: 'vitals'; readonly vitals: string }
  /** Says goodbye; nothing is sent after it. */
  | { readonly kind: 'leave' };

/** What a step may know of the world. */
export interface StepContext {
  /** Monotonic, in milliseconds. */
  readonly nowMs: number;
  /** The wall clock, in milliseconds: generations are judged by it, and nothing else is. */
  readonly wallMs: number;
  /** From 0 to 1, below 1. */
  readonly random: () => number;
}

export type Outgoing =
  | { readonly to: MemberId; readonly message: Message }
  /** To any one seed, whoever that is. */
  | { readonly to: 'seed'; readonly message: Message };

/** What a member came to know. */
export type Change =
  | {
      readonly kind: 'joined' | 'suspected' | 'recovered' | 'restarted';
      readonly id: MemberId;
      readonly generation: number;
    }
  /** `left`: by its own will; `dead`: silent beyond suspicion. */
  | {
      readonly kind: 'gone';
      readonly id: MemberId;
      readonly generation: number;
      readonly reason: 'left' | 'dead';
    }
  /** Value null: removed. One's own changes are told as well, and a life that ends takes its keys along. */
  | { readonly kind: 'key'; readonly id: MemberId; readonly key: string; readonly value: string | null };

/** Why (a part of) a message, or an own put, was not taken. */
export type RefusalReason =
  | 'other_cluster'
  /** From an earlier life of the sender. */
  | 'past_life'
  /** It says of us what only we may say. */
  | 'about_us'
  /** A leaf spoke for another. */
  | 'not_its_own'
  /** A generation beyond the wall clock, a counter beyond what is possible, a digest or delta out of order. */
  | 'implausible'
  /** A delta that begins after what we know. */
  | 'from_the_future'
  /** No room: members, keys, bytes of a value. */
  | 'too_many'
  | 'too_large';

/** What is to be done after a step: send the messages (any may be lost), tell of the changes, count the refusals. */
export interface Effects {
  readonly messages: readonly Outgoing[];
  readonly changes: readonly Change[];
  readonly refused: readonly { readonly reason: RefusalReason; readonly from: MemberId }[];
}
