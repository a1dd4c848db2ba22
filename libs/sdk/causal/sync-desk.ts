import { type Msg, type Subscription } from '@nats-io/transport-node';
import {
  type CausalSyncReply,
  causalSyncReplySchema,
  causalSyncRequestSchema,
  type Channel,
  limits,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { type Connection, decodeBody, encodeBody, isReplySubject } from '@nexus/wire';
import { replyInboxOf } from '../connection/connection-source.js';

/** Says where one sender stands; undefined when it has nothing to say of these channels. */
export type Standing = (channels: readonly Channel[]) => CausalSyncReply | undefined;

type OnReply = (reply: CausalSyncReply) => void;

interface Question {
  readonly channels: Set<Channel>;
  readonly listeners: OnReply[];
}

/** How long answers are listened to, in milliseconds: under load those of busy senders come late, and still count. */
const listenMs = 5_000;
/** Senders of one connection that answer one question, so that a small question has no huge answer. */
const answersMax = 64;

/** Asks where senders stand, and says where those of this connection stand. */
export class SyncDesk {
  private readonly senders = new Set<Standing>();
  private subscription: Subscription | undefined;
  private asking: Question | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {}

  /** Asks; agents that begin to listen at the same time ask together. A question that cannot be sent is not asked. */
  ask(channels: readonly Channel[], onReply: OnReply): void {
    const { asking } = this;
    const together = new Set([...(asking?.channels ?? []), ...channels]);
    if (!asking || together.size > limits.frontierChannelsMax) {
      const next = { channels: new Set(channels), listeners: [onReply] };
      this.asking = next;
      setImmediate(() => this.send(next));
      return;
    }
    channels.forEach((channel) => asking.channels.add(channel));
    asking.listeners.push(onReply);
  }

  /** Whether nobody on this connection answers. */
  get silent(): boolean {
    return this.senders.size === 0;
  }

  /** Answers for one more sender; returns how to stop. */
  answerFor(standing: Standing): () => void {
    this.senders.add(standing);
    this.subscription ??= this.connection.subscribe(
      subjectOf(this.prefix, subjects.causalSync, {}),
      (message) => this.answer(message),
    );
    return () => {
      if (!this.senders.delete(standing) || this.senders.size > 0) return;
      this.subscription?.unsubscribe();
      this.subscription = undefined;
    };
  }

  private send(question: Question): void {
    const { channels, listeners } = question;
    if (this.asking === question) this.asking = undefined;
    if (!this.connection.connected) return;
    const conversation = replyInboxOf(this.connection).open((_slot, message) => {
      const reply = message && readReply(message);
      if (reply) for (const listener of listeners) listener(reply);
    });
    setTimeout(() => conversation.close(), listenMs).unref();
    const body = encodeBody({ channels: [...channels] });
    const subject = subjectOf(this.prefix, subjects.causalSync, {});
    this.connection.publish(subject, body, { reply: conversation.replySubject(0) });
  }

  private answer({ data, reply }: Msg): void {
    if (reply === undefined || !isReplySubject(reply) || !this.connection.connected) return;
    let channels: readonly Channel[];
    try {
      channels = causalSyncRequestSchema.parse(decodeBody(data)).channels;
    } catch {
      return;
    }
    let answers = 0;
    for (const standing of this.senders) {
      const said = standing(channels);
      if (!said) continue;
      this.connection.publish(reply, encodeBody(said));
      answers += 1;
      if (answers === answersMax) return;
    }
  }
}

function readReply({ data }: Msg): CausalSyncReply | undefined {
  try {
    return causalSyncReplySchema.parse(decodeBody(data));
  } catch {
    return undefined;
  }
}
