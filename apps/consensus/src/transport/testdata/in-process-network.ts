import { type MemberId, type Message } from '@nexus/core/raft';
import { type PeerLink, type ReceivePeer } from '../peer-link.js';

/** The network of one process: what is sent arrives in a later turn, unless somebody is cut off. */
export class InProcessNetwork {
  /** Cut off from all others. */
  readonly cut = new Set<MemberId>();
  private readonly receivers = new Map<MemberId, ReceivePeer>();

  /** @param sending sees each message before it leaves, and keeps it from leaving by what it throws */
  linkOf(self: MemberId, sending?: (to: MemberId, message: Message) => void): PeerLink {
    return {
      send: (to, message) => {
        sending?.(to, message);
        setImmediate(() => {
          if (!this.cut.has(self) && !this.cut.has(to)) this.receivers.get(to)?.(self, message);
        });
      },
      flush: () => undefined,
      listen: (receive) => {
        this.receivers.set(self, receive);
        return () => this.receivers.delete(self);
      },
    };
  }
}
