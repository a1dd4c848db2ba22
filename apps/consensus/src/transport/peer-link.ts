import { type MemberId, type Message } from '@nexus/core/raft';

export type ReceivePeer = (from: MemberId, message: Message) => void;

/** How Raft messages travel between the members of a group: at most once, as Raft expects. */
export interface PeerLink {
  /** Sends what can be sent now; else it is lost, and never sent late. */
  send(to: MemberId, message: Message): void;
  /** Says that a turn's messages have all been handed over. */
  flush(): void;
  /** Hands over what arrives from now on; returns how to stop. */
  listen(receive: ReceivePeer): () => void;
}
