import { headers as natsHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { type NexusError } from '@nexus/contracts';
import {
  contentTypeHeader,
  contentTypeOf,
  encodeBody,
  type Encoding,
  type ReplyInbox,
  WrittenBody,
} from '@nexus/wire';
import { type Drops } from './drops.js';

/** How long a finished reply waits for a lost connection, and for its caller, to come back, in milliseconds. */
const patienceMs = 10_000;
/** Longer messages are cut in the header; the body has the whole. */
const headerCharsMax = 512;

/** The way back to whoever sent a message: parts, then one reply or one error. */
export class ReplyChannel {
  /** How replies are written; set once the request's own encoding is known. */
  encoding: Encoding = 'json';
  private closed = false;

  constructor(
    private readonly replies: ReplyInbox,
    private readonly message: Msg,
    private readonly drops: Drops,
  ) {}

  /**
   * Sends a part, or the reply; nothing happens where none was asked for, or after the end. There is something to wait
   * for only while the connection is down, or just back.
   */
  send(body: unknown, extra?: Iterable<readonly [string, string]>): Promise<void> | undefined {
    if (!this.message.reply || this.closed) return undefined;
    return this.deliver(this.message.reply, body, extra);
  }

  /** Ends the exchange with an error; what comes after it is not sent. Never throws. */
  async fail(error: NexusError): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (!this.message.reply) {
      this.drops.unanswerable += 1;
      return;
    }
    const text = error.message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, headerCharsMax);
    try {
      await this.deliver(this.message.reply, error.toBody(), [
        ['Nats-Service-Error-Code', String(error.status)],
        ['Nats-Service-Error', text],
      ]);
    } catch {
      this.drops.undeliveredReply += 1;
    }
  }

  /** A reply that is ready while the connection is down waits for it: the caller is still listening. */
  private deliver(
    subject: string,
    body: unknown,
    extra: Iterable<readonly [string, string]> = [],
  ): Promise<void> | undefined {
    const bytes = body instanceof WrittenBody ? body.bytes : encodeBody(body, this.encoding);
    const headers = this.headersWith(extra);
    const options = headers && { headers };
    if (this.replies.deliverNow(subject, bytes, options)) return undefined;
    return this.replies.deliver(subject, bytes, { ...options, withinMs: patienceMs });
  }

  /** None where there is nothing to say: then the broker and the caller have none to read. */
  private headersWith(extra: Iterable<readonly [string, string]>): MsgHdrs | undefined {
    let headers: MsgHdrs | undefined;
    if (this.encoding !== 'json') {
      headers = natsHeaders();
      headers.set(contentTypeHeader, contentTypeOf(this.encoding));
    }
    for (const [name, value] of extra) (headers ??= natsHeaders()).set(name, value);
    return headers;
  }
}
