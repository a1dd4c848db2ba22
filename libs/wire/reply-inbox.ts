import { type Msg, nuid } from '@nats-io/transport-node';
import { type Connection } from './connection.js';

/** Called for each reply; `message` is null when the broker says that nobody listens on the subject asked. */
export type OnReply = (slot: number, message: Msg | null) => void;

/** An exchange of messages that expects replies, told apart by slot. */
export interface Conversation {
  /** The reply subject to send with; whatever comes back on it is reported with the same slot. */
  replySubject(slot: number): string;
  /** From now on replies are late: counted and dropped. */
  close(): void;
}

/**
 * One subscription for all replies of a connection. The reply subject itself says which conversation and which of its
 * recipients a reply belongs to, so that no field of a reply has to be believed, and a send costs no subscription.
 */
export class ReplyInbox {
  private readonly root: string;
  private readonly conversations = new Map<string, OnReply>();
  private nextConversation = 0;
  /** Replies that came after their conversation had ended. */
  late = 0;

  constructor(connection: Connection) {
    this.root = `${connection.inboxPrefix}.${nuid.next()}`;
    connection.subscribe(`${this.root}.*.*`, (message) => this.receive(message));
  }

  open(onReply: OnReply): Conversation {
    const id = (this.nextConversation++).toString(36);
    this.conversations.set(id, onReply);
    const prefix = `${this.root}.${id}.`;
    return {
      replySubject: (slot) => prefix + slot.toString(36),
      close: () => this.conversations.delete(id),
    };
  }

  private receive(message: Msg): void {
    const [id = '', slot = ''] = message.subject.slice(this.root.length + 1).split('.');
    const onReply = this.conversations.get(id);
    if (!onReply) {
      this.late += 1;
      return;
    }
    const nobodyListens = message.headers?.code === 503 && message.data.length === 0;
    onReply(Number.parseInt(slot, 36), nobodyListens ? null : message);
  }
}
