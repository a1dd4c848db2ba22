import { type Msg, nuid } from '@nats-io/transport-node';
import { type Connection, othersReturnMsMax, type PublishOptions } from './connection.js';
import { NexusError } from '@nexus/contracts';
import { newReplyToken } from './reply-token.js';

/** Called for each reply; `message` is null when the broker says that nobody listens on the subject asked. */
export type OnReply = (slot: number, message: Msg | null) => void;

/** An exchange of messages that expects replies, told apart by slot. */
export interface Conversation {
  /** The reply subject to send with; whatever comes back on it is reported with the same slot. */
  replySubject(slot: number): string;
  /** From now on replies are late: counted and dropped. */
  close(): void;
}

interface OpenConversation {
  readonly onReply: OnReply;
  /** The slot that each reply subject of the conversation stands for, by its last token. */
  readonly slots: Map<string, number>;
}

/**
 * One subscription for all replies of a connection. The reply subject itself says which conversation and which of its
 * recipients a reply belongs to, so that no field of a reply has to be believed, and a send costs no subscription. Its
 * last token cannot be guessed: whoever was asked knows no subject but its own, and cannot answer for another.
 */
export class ReplyInbox {
  /** Between two tries to deliver to somebody who is not back yet, in milliseconds. */
  private static readonly retryMs = 200;

  private readonly root: string;
  private readonly conversations = new Map<string, OpenConversation>();
  private nextConversation = 0;
  /** Replies that came after their conversation had ended, or that nobody had been asked for. */
  late = 0;

  constructor(private readonly connection: Connection) {
    this.root = `${connection.inboxPrefix}.${nuid.next()}`;
    connection.subscribe(`${this.root}.*.*`, (message) => this.receive(message));
  }

  open(onReply: OnReply): Conversation {
    const id = (this.nextConversation++).toString(36);
    const slots = new Map<string, number>();
    this.conversations.set(id, { onReply, slots });
    return {
      replySubject: (slot) => {
        const token = newReplyToken();
        slots.set(token, slot);
        return `${this.root}.${id}.${token}`;
      },
      close: () => this.conversations.delete(id),
    };
  }

  /**
   * Sends a reply or an answer. Shortly after an outage whoever waits for it may come back later than we did; then it is
   * sent again until somebody listens: the broker says when nobody does, and has said so once it answers a ping.
   * @param withinMs how long the receiver still waits for it
   * @throws NexusError `unavailable` when the connection does not come back, or nobody listens, within the time
   */
  async deliver(
    subject: string,
    body: Uint8Array,
    { withinMs, ...options }: Omit<PublishOptions, 'reply'> & { readonly withinMs: number },
  ): Promise<void> {
    const deadline = performance.now() + withinMs;
    const leftMs = () => deadline - performance.now();
    if (this.connection.connected && this.connection.sinceReconnectMs > othersReturnMsMax) {
      this.connection.publish(subject, body, options);
      return;
    }
    for (;;) {
      if (!this.connection.connected) await this.connection.whenConnected(leftMs());
      if (await this.heard(subject, body, options)) return;
      if (leftMs() < ReplyInbox.retryMs) {
        throw new NexusError('unavailable', 'nobody waits for the reply any more');
      }
      await new Promise((resolve) => setTimeout(resolve, ReplyInbox.retryMs));
    }
  }

  private async heard(subject: string, body: Uint8Array, options: PublishOptions): Promise<boolean> {
    let nobody = false;
    const conversation = this.open((_slot, message) => {
      nobody ||= message === null;
    });
    try {
      this.connection.publish(subject, body, { ...options, reply: conversation.replySubject(0) });
      await this.connection.flush();
      return !nobody;
    } catch (error) {
      // Cut off once more: whether it was heard nobody knows, and the receiver takes the first of two.
      if (!this.connection.connected) return false;
      throw error;
    } finally {
      conversation.close();
    }
  }

  private receive(message: Msg): void {
    const [id = '', token = ''] = message.subject.slice(this.root.length + 1).split('.');
    const conversation = this.conversations.get(id);
    const slot = conversation?.slots.get(token);
    if (!conversation || slot === undefined) {
      this.late += 1;
      return;
    }
    const nobodyListens = message.headers?.code === 503 && message.data.length === 0;
    conversation.onReply(slot, nobodyListens ? null : message);
  }
}
