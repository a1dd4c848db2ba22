import { type Msg, nuid } from '@nats-io/transport-node';
import { type Connection, type PublishOptions } from './connection.js';
import { NexusError } from '@nexus/contracts';
import { DeadlineSweep, type Expiring } from './deadline-sweep.js';
import { newReplyToken } from './reply-token.js';

/** Called for each reply; `message` is null when the broker says that nobody listens on the subject asked. */
export type OnReply = (slot: number, message: Msg | null) => void;

/** Called for each answer to a shared reply subject, with the token that its sender put behind it. */
export type OnTagged = (tag: string, message: Msg) => void;

/** Whoever waits for what comes to one reply subject, until it leaves or is late. */
export interface Awaiting extends Expiring {
  /** Null when the broker says that nobody listens on the subject asked. */
  onReply(message: Msg | null): void;
}

/** An exchange of messages that expects replies, told apart by slot. */
export interface Conversation {
  /** The reply subject to send with; whatever comes back on it is reported with the same slot. */
  replySubject(slot: number): string;
  /**
   * One reply subject for a message that many get; each answers on `<subject>.<tag>` with a tag of its own. That nobody
   * listens at all is reported with the tag ''.
   */
  sharedSubject(onTagged: OnTagged): string;
  /** From now on replies are late: counted and dropped. */
  close(): void;
}

interface OpenConversation {
  readonly onReply: OnReply;
  /** The slot that each reply subject of the conversation stands for, by its last token. */
  readonly slots: Map<string, number>;
  /** Who takes the answers to a shared subject, by its last token. */
  readonly shared: Map<string, OnTagged>;
}

/**
 * One subscription for all replies of a connection. The reply subject itself says which conversation and which of its
 * recipients a reply belongs to, so that no field of a reply has to be believed, and a send costs no subscription. Its
 * last token cannot be guessed: whoever was asked knows no subject but its own, and cannot answer for another.
 */
export class ReplyInbox {
  /** Between two tries to deliver to somebody who is not back yet, in milliseconds. */
  private static readonly retryMs = 200;

  /** First tokens of every reply subject: what the tags of shared subjects are made of. */
  readonly root: string;
  private readonly rootDot: string;
  private readonly conversations = new Map<string, OpenConversation>();
  /** Of requests with one reply each, by the last token of their reply subject. */
  private readonly awaiting = new Map<string, Awaiting>();
  private readonly deadlines = new DeadlineSweep(this.awaiting);
  private nextConversation = 0;
  /** Replies that came after their conversation had ended, or that nobody had been asked for. */
  late = 0;

  constructor(private readonly connection: Connection) {
    this.root = `${connection.inboxPrefix}.${nuid.next()}`;
    this.rootDot = `${this.root}.`;
    connection.subscribe(`${this.root}.>`, (message) => this.receive(message));
  }

  /**
   * Begins to wait for replies to one request; returns the last token of its reply subject. A table of all and one timer
   * are all that it takes, where a conversation has tables of its own.
   */
  expect(awaiting: Awaiting): string {
    const token = newReplyToken();
    this.awaiting.set(token, awaiting);
    this.deadlines.begin(awaiting);
    return token;
  }

  /** The reply subject of a token. */
  subjectOf(token: string): string {
    return this.rootDot + token;
  }

  /** From now on replies to the token are late. */
  forget(token: string): void {
    this.awaiting.delete(token);
    this.deadlines.end();
  }

  open(onReply: OnReply): Conversation {
    const id = (this.nextConversation++).toString(36);
    const slots = new Map<string, number>();
    const shared = new Map<string, OnTagged>();
    this.conversations.set(id, { onReply, slots, shared });
    return {
      replySubject: (slot) => {
        const token = newReplyToken();
        slots.set(token, slot);
        return `${this.root}.${id}.${token}`;
      },
      sharedSubject: (onTagged) => {
        const token = newReplyToken();
        shared.set(token, onTagged);
        return `${this.root}.${id}.${token}`;
      },
      close: () => this.conversations.delete(id),
    };
  }

  /**
   * Sends a reply or an answer at once; false, and nothing sent, where `deliver` would have to wait.
   * @throws NexusError `payload_too_large` over the broker's limit
   */
  deliverNow(subject: string, body: Uint8Array, options?: Omit<PublishOptions, 'reply'>): boolean {
    if (!this.connection.steady) return false;
    this.connection.publish(subject, body, options);
    return true;
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
    if (this.deliverNow(subject, body, options)) return;
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
    const tail = message.subject.slice(this.rootDot.length);
    const idEnd = tail.indexOf('.');
    if (idEnd < 0) this.receiveAwaited(tail, message);
    else this.receiveInConversation(tail, idEnd, message);
  }

  private receiveAwaited(token: string, message: Msg): void {
    const awaiting = this.awaiting.get(token);
    if (awaiting === undefined) this.late += 1;
    else awaiting.onReply(orNobody(message));
  }

  private receiveInConversation(tail: string, idEnd: number, message: Msg): void {
    const conversation = this.conversations.get(tail.slice(0, idEnd));
    const tokenEnd = tail.indexOf('.', idEnd + 1);
    const token = tokenEnd < 0 ? tail.slice(idEnd + 1) : tail.slice(idEnd + 1, tokenEnd);
    const onTagged = conversation?.shared.get(token);
    if (onTagged) {
      onTagged(tokenEnd < 0 ? '' : tail.slice(tokenEnd + 1), message);
      return;
    }
    const slot = conversation?.slots.get(token);
    if (!conversation || slot === undefined) this.late += 1;
    else conversation.onReply(slot, orNobody(message));
  }
}

/** The broker says by an empty message with status 503 that nobody listens. */
const orNobody = (message: Msg): Msg | null =>
  message.headers?.code === 503 && message.data.length === 0 ? null : message;
