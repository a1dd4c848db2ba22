import {
  type MemberId,
  type MemberKind,
  memberKindSchema,
  NexusError,
  subjectOf,
  subjectParams,
  subjects,
  subscriptionOf,
} from '@nexus/contracts';
import { type Message } from '@nexus/core/gossip';
import { type Connection, Malformed } from '@nexus/wire';
import { MessageCodec } from '../codec/message-codec.js';
import { type MeshCounts } from '../mesh-stats.js';
import { type Admission } from './admission.js';

/** Constant: the client of NATS checks subjects, and no names of queue groups. */
const seedGroup = 'mesh-seeds';
/** Largest message that is read, whatever its sender's settings are. */
export const wireBytesMax = 64 * 1_024;

export interface Received {
  /** By the subject, which permissions can pin. */
  readonly from: MemberId;
  readonly fromKind: MemberKind;
  readonly message: Message;
}

export interface MeshLineOptions {
  readonly connection: Connection;
  readonly prefix: string;
  readonly self: { readonly id: MemberId; readonly kind: MemberKind };
  readonly admission: Admission;
  readonly counts: MeshCounts;
  readonly isMember: (id: MemberId) => boolean;
  /** Takes what came in one turn. */
  readonly receive: (messages: readonly Received[]) => void;
}

/**
 * Gossip over core NATS: a subject a member, no queue group on it, and one subject for whoever seeds. Nothing is
 * published while the connection is down: it would arrive late.
 */
export class MeshLine {
  private readonly codec = new MessageCodec();
  private readonly subscriptions: { unsubscribe(): void }[] = [];
  private inbox: Received[] = [];
  private turn: NodeJS.Immediate | undefined;

  constructor(private readonly options: MeshLineOptions) {}

  listen(): void {
    const { connection, prefix, self } = this.options;
    const follow = (template: string, fixed: Readonly<Record<string, string>>, queue?: string) => {
      const subject = subscriptionOf(prefix, template, fixed);
      const take = (message: { readonly subject: string; readonly data: Uint8Array }) =>
        this.take(template, message);
      this.subscriptions.push(connection.subscribe(subject, take, queue));
    };
    follow(subjects.mesh, { to: self.id });
    if (self.kind === 'service') follow(subjects.meshSeed, {}, seedGroup);
  }

  stop(): void {
    clearImmediate(this.turn);
    this.inbox = [];
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  /** @param to undefined: any seed */
  send(to: MemberId | undefined, message: Message): void {
    const { connection, prefix, self, counts } = this.options;
    const bytes = this.codec.encode(message);
    if (!connection.connected || bytes.length > connection.bodyBytesMax) {
      counts.undelivered += 1;
      return;
    }
    const from = { kind: self.kind, from: self.id };
    const subject =
      to === undefined
        ? subjectOf(prefix, subjects.meshSeed, from)
        : subjectOf(prefix, subjects.mesh, { ...from, to });
    connection.publish(subject, bytes);
    counts.messagesSent += 1;
    counts.bytesSent += bytes.length;
  }

  /** Handles what has arrived and waits for its turn. */
  flush(): void {
    clearImmediate(this.turn);
    this.turn = undefined;
    const messages = this.inbox;
    this.inbox = [];
    if (messages.length > 0) this.options.receive(messages);
  }

  private take(template: string, { subject, data }: { subject: string; data: Uint8Array }): void {
    const { counts, admission, isMember } = this.options;
    counts.messagesReceived += 1;
    counts.bytesReceived += data.length;
    const sender = senderOf(template, subject);
    if (sender === undefined) {
      counts.malformed += 1;
      return;
    }
    if (!admission.admit(sender.from, isMember(sender.from))) {
      counts.flooded += 1;
      return;
    }
    const message = this.decode(data);
    if (message === undefined) counts.malformed += 1;
    else this.queue({ ...sender, message });
  }

  private decode(bytes: Uint8Array): Message | undefined {
    if (bytes.length > wireBytesMax) return undefined;
    try {
      return this.codec.decode(bytes);
    } catch (error) {
      if (error instanceof Malformed) return undefined;
      throw error;
    }
  }

  /** What arrives in one turn is handled together. Admission bounds how much that is. */
  private queue(received: Received): void {
    this.inbox.push(received);
    this.turn ??= setImmediate(() => this.flush());
  }
}

function senderOf(template: string, subject: string): Pick<Received, 'from' | 'fromKind'> | undefined {
  try {
    const { kind, from } = subjectParams(template, subject);
    const fromKind = memberKindSchema.safeParse(kind);
    return fromKind.success ? { from: from as MemberId, fromKind: fromKind.data } : undefined;
  } catch (error) {
    if (error instanceof NexusError) return undefined;
    throw error;
  }
}
