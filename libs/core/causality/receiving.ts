import { type Channel, type Frontier, type Frontiers, type SenderId, type Stamp } from './stamp.js';

/** Times are in milliseconds of the `nowMs` given to `step`. */
export interface ReceiverOptions {
  /** The channels that this receiver belongs to; `after` entries of others bind it to nothing. */
  readonly channels: readonly Channel[];
  /** Messages held back at once, over all channels; a further one is refused, and repaired later. */
  readonly heldMax: number;
  /** Bytes of them. */
  readonly heldBytesMax: number;
  /** Senders remembered a channel. */
  readonly sendersMax: number;
  /** How far ahead of what was delivered a sequence may lie: further is refused, whoever says so. */
  readonly aheadMax: number;
  /** How long a missing broadcast may be on its way before its repair is asked for. */
  readonly repairAfterMs: number;
  /** How often, and how many times, it is asked for (of the sender first, then of everybody). */
  readonly repairEveryMs: number;
  readonly repairsMax: number;
  /** How long after the start to wait for senders to say where they stand; and how long when nobody has said anything. */
  readonly syncMs: number;
  readonly syncMsMax: number;
  /**
   * A sender that was not heard for so long, and that nothing waits for, leaves the frontiers: by then everybody has what
   * it sent, or has given it up. Far longer than all repairs together (the default of everybody: two minutes).
   */
  readonly forgetAfterMs: number;
  /** Whose own broadcasts come as `sent`: what others claim of them is never waited for. */
  readonly self?: SenderId;
}

export type ReceiverInput<M> =
  /** Also what a repair brought. `bytes` is the size of the message, for the bound. */
  | { readonly kind: 'message'; readonly stamp: Stamp; readonly message: M; readonly bytes: number }
  /** A sender said, unasked, how far it has come. */
  | {
      readonly kind: 'sender_frontier';
      readonly sender: SenderId;
      readonly channel: Channel;
      readonly sequence: number;
    }
  /** A sender answered the question of who begins to listen: its own sequence, and what it has seen. */
  | { readonly kind: 'synced'; readonly sender: SenderId; readonly frontiers: Frontiers }
  /** A repair was answered: what came is given as messages; what is older than this is not to be had there. */
  | {
      readonly kind: 'kept_from';
      readonly channel: Channel;
      readonly sender: SenderId;
      readonly sequence: number;
    }
  /** A broadcast came, and the caller itself has no room for it now: it is to be asked for again. */
  | {
      readonly kind: 'turned_away';
      readonly channel: Channel;
      readonly sender: SenderId;
      readonly sequence: number;
    }
  /**
   * Own broadcast, not to be received again: delivered at once, unless an answer had told its sender of something that
   * was not delivered here yet.
   */
  | { readonly kind: 'sent'; readonly stamp: Stamp; readonly message: M }
  | { readonly kind: 'tick' };

/** Broadcasts that are missing. The first asks go to the sender, later ones to everybody. */
export interface Repair {
  readonly channel: Channel;
  readonly sender: SenderId;
  readonly from: number;
  readonly to: number;
  readonly of: 'sender' | 'everybody';
}

/** Broadcasts that could not be had: what waited for them is delivered without. */
export interface Gap {
  readonly channel: Channel;
  readonly sender: SenderId;
  readonly from: number;
  readonly to: number;
}

export type ReceiverRefusal =
  | 'duplicate'
  /** Sent before this receiver began to listen. */
  | 'before_start'
  | 'too_far_ahead'
  | 'too_many_senders'
  | 'no_room'
  /** A channel that this receiver does not belong to. */
  | 'other_channel'
  /** A stamp that contradicts itself. */
  | 'malformed';

/** What is to be done after a step, in this order of fields. */
export interface ReceiverEffects<M> {
  /** In causal order; each broadcast once. */
  readonly deliver: readonly M[];
  readonly gaps: readonly Gap[];
  readonly repairs: readonly Repair[];
  readonly refused: readonly { readonly reason: ReceiverRefusal; readonly message: M }[];
  /** All senders are to be asked where they stand: at the start, and when one is too far ahead. */
  readonly askSync: boolean;
}

/** What a `CausalReceiver` answers about itself. */
export interface ReceiverStanding {
  /** What was delivered, of one channel. */
  frontier(channel: Channel): Frontier;
  readonly frontiers: Frontiers;
  readonly held: number;
}
