import { type Msg } from '@nats-io/transport-node';
import { BaseRpcContext } from '@nestjs/microservices';
import { type Encoding } from '@nexus/wire';

export type SendPart = (body: unknown) => Promise<void>;

export interface NatsContextOptions {
  /** The ids in the subject, already validated. */
  readonly params: Readonly<Record<string, string>>;
  /** Encoding of the request, and so of everything sent back. */
  readonly encoding: Encoding;
  /** Largest body that one reply message can carry, in bytes. */
  readonly replyBytesMax: number;
  /** Sends a partial reply. */
  readonly sendPart: SendPart;
}

/** What a handler may know about the message it serves, beside its body. */
export class NatsContext extends BaseRpcContext<[Msg]> {
  readonly params: Readonly<Record<string, string>>;
  readonly encoding: Encoding;
  readonly replyBytesMax: number;
  /** Sends a partial reply ahead of the final one; nothing happens where no reply was asked for. */
  readonly sendPart: SendPart;
  private ownReplyHeaders: Map<string, string> | undefined;

  constructor(
    private readonly message: Msg,
    options: NatsContextOptions,
  ) {
    super([message]);
    this.params = options.params;
    this.encoding = options.encoding;
    this.replyBytesMax = options.replyBytesMax;
    this.sendPart = options.sendPart;
  }

  /** Headers to put on the final reply. */
  get replyHeaders(): Map<string, string> {
    return (this.ownReplyHeaders ??= new Map());
  }

  /** Those that were put; most replies have none. */
  get replyHeadersIfAny(): ReadonlyMap<string, string> | undefined {
    return this.ownReplyHeaders;
  }

  get subject(): string {
    return this.message.subject;
  }

  /** Whether somebody waits for a reply. */
  get expectsReply(): boolean {
    return Boolean(this.message.reply);
  }

  /** A header of the request; absent when it was not sent. */
  header(name: string): string | undefined {
    const { headers } = this.message;
    return headers?.has(name) ? headers.get(name) : undefined;
  }
}
