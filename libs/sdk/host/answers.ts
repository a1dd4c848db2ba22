import { headers as natsHeaders } from '@nats-io/transport-node';
import { NexusError } from '@nexus/contracts';
import {
  type Connection,
  contentTypeHeader,
  contentTypeOf,
  type Encoding,
  type ReplyInbox,
} from '@nexus/wire';
import { type Bundle, newBundle } from './answer-bundle.js';
import { bytesOf, type Part, writeFailed, type Written } from '../agent/answer-part.js';
import { type HostEvent, type HostStats } from './host-events.js';

export interface PostOptions {
  readonly hostId: string;
  readonly connection: Connection;
  /** The reply inbox of the connection. */
  readonly replies: ReplyInbox;
  readonly stats: HostStats;
  readonly report: (event: HostEvent) => void;
}

/** Whom to answer, how, and until when. */
export interface Address {
  readonly replySubject: string;
  readonly encoding: Encoding;
  readonly coordinationId: string;
  /** What is left of the budget, in milliseconds. */
  readonly budgetMs: () => number;
}

/** Takes the answers to one message. */
export interface Answers {
  readonly encoding: Encoding;
  /** Adds the answer of one agent. */
  add(agentId: string, written: Written): void;
  /** All handlers were called; `pending` of them have not ended. */
  endTurn(pending: number): void;
}

/** How long answers wait for others that are ready soon after them, in milliseconds. */
export const gatherMs = 2;

/** Answers after which a message goes out while others are being made: whoever reads them can begin. */
const answersAtOnceMax = 256;

/** Answers to a message for several agents: what is ready together goes out together. */
export class BundledAnswers implements Answers {
  private readonly bundle: Bundle;
  private ok = 0;
  /** Whether a flush is to come, so that what is added can wait for it. */
  private waiting = true;

  constructor(
    private readonly address: Address,
    private readonly post: AnswerPost,
  ) {
    this.bundle = newBundle(address.encoding, post.hostId, post.bodyBytesMax);
  }

  get encoding(): Encoding {
    return this.address.encoding;
  }

  add(agentId: string, written: Written): void {
    if (!this.bundle.fits(written.part)) {
      if (this.bundle.size > 0) this.flush();
      if (!this.bundle.fits(written.part)) {
        this.add(agentId, this.post.tooLarge(agentId, this.encoding, written.part));
        return;
      }
    }
    this.bundle.add(written.part);
    if (written.ok) this.ok += 1;
    if (this.bundle.size >= answersAtOnceMax) this.flush();
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => this.rest(), gatherMs);
  }

  endTurn(pending: number): void {
    // Handlers that only seem to wait, as an async function that awaits nothing, end before the next turn.
    if (pending > 0) setImmediate(() => this.rest());
    else this.rest();
  }

  private rest(): void {
    this.waiting = false;
    if (this.bundle.size > 0) this.flush();
  }

  private flush(): void {
    const { size } = this.bundle;
    this.post.send(this.address, this.bundle.take(), { ok: this.ok, failed: size - this.ok });
    this.ok = 0;
  }
}

/** The answer to a message for one agent: what an agent without a host would send. */
export class SingleAnswer implements Answers {
  constructor(
    private readonly address: Address,
    private readonly post: AnswerPost,
  ) {}

  get encoding(): Encoding {
    return this.address.encoding;
  }

  add(agentId: string, written: Written): void {
    const { bodyBytesMax } = this.post;
    const body = bytesOf(written.part);
    if (body.length > bodyBytesMax) {
      this.add(agentId, this.post.tooLarge(agentId, this.encoding, written.part));
      return;
    }
    this.post.send(this.address, body, { ok: written.ok ? 1 : 0, failed: written.ok ? 0 : 1 });
  }

  endTurn(): void {
    // It went out as it came.
  }
}

/** Sends answers, over an outage if the budget allows. */
export class AnswerPost {
  readonly hostId: string;

  constructor(private readonly options: PostOptions) {
    this.hostId = options.hostId;
  }

  /** Largest body that one message can carry, in bytes. */
  get bodyBytesMax(): number {
    return this.options.connection.bodyBytesMax;
  }

  /** What stands for an answer that no message can carry. */
  tooLarge(agentId: string, encoding: Encoding, part: Part): Written {
    const error = new NexusError(
      'payload_too_large',
      `the answer has ${bytesOf(part).length} bytes; one message carries ${this.bodyBytesMax}`,
    );
    return writeFailed(encoding, agentId, error);
  }

  /** Says, as the broker does of a subject without listeners, that the agent is not here. */
  nobody(replySubject: string): void {
    const { connection } = this.options;
    if (!connection.connected) return;
    connection.publish(replySubject, new Uint8Array(), { headers: natsHeaders(503, 'No Responders') });
  }

  /** Sends answers of so many agents; those that nobody takes within the budget are counted. */
  send(address: Address, body: Uint8Array, agents: { readonly ok: number; readonly failed: number }): void {
    const { connection, replies, stats } = this.options;
    const { replySubject, encoding } = address;
    const headers = encoding === 'json' ? undefined : natsHeaders();
    headers?.set(contentTypeHeader, contentTypeOf(encoding));
    const options = headers ? { headers } : {};
    const sent = () => {
      stats.answerMessages += 1;
      stats.answered += agents.ok;
      stats.refused += agents.failed;
    };
    const lost = (error: unknown) => this.lost(address, agents.ok + agents.failed, error);
    if (connection.steady) {
      try {
        connection.publish(replySubject, body, options);
        sent();
      } catch (error) {
        lost(error);
      }
      return;
    }
    const withinMs = address.budgetMs();
    replies.deliver(replySubject, body, { ...options, withinMs }).then(sent, lost);
  }

  private lost({ coordinationId }: Address, agents: number, cause: unknown): void {
    const { stats, report } = this.options;
    stats.lost += agents;
    report({ kind: 'answers_lost', coordinationId, agents, error: NexusError.from(cause) });
  }
}
