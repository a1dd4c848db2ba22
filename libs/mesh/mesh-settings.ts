import { defaultGossipOptions, type GossipOptions } from '@nexus/core/gossip';

/** How a process takes part in the gossip. Times are in milliseconds, sizes in bytes. */
export interface MeshSettings extends Omit<GossipOptions, 'cluster' | 'self'> {
  /** Messages that one sender may have handled in the time of a round; further ones are dropped and counted. */
  readonly senderMessagesMax: number;
  /** The same for all senders together that are no live members: whoever joins is one at first. */
  readonly strangerMessagesMax: number;
  /** The same for everybody together. */
  readonly messagesMax: number;
}

export const meshSettings: MeshSettings = Object.freeze({
  ...defaultGossipOptions,
  messageBytesMax: 32 * 1_024,
  roundBytesMax: 128 * 1_024,
  valueBytesMax: 8 * 1_024,
  senderMessagesMax: 64,
  strangerMessagesMax: 256,
  messagesMax: 2_048,
});
