/** `<id>.<life>`: who sends, and which life of it. */
export type SenderId = string;

/** A set of receivers that all get the same broadcasts. */
export type Channel = string;

/** How many broadcasts of each sender on one channel: all of them, from the first. No zero entries. */
export type Frontier = ReadonlyMap<SenderId, number>;

/** A frontier a channel. */
export type Frontiers = ReadonlyMap<Channel, Frontier>;

/** What orders a message among others (Birman, Schiper, Stephenson 1991, with overlapping groups: §5). */
export interface Stamp {
  readonly sender: SenderId;
  /** Its place among the sender's broadcasts on the channel, from 1. Undefined: to single receivers, in nobody's sequence. */
  readonly broadcast: { readonly channel: Channel; readonly sequence: number } | undefined;
  /**
   * What the sender had seen, and what it had sent, before: of its own broadcasts on this channel those up to
   * `sequence - 1`. A receiver waits for it as far as it belongs to the channels.
   */
  readonly after: Frontiers;
}

/** Whether it can be the place of a broadcast. */
export const isSequence = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
