import { headers as natsHeaders } from '@nats-io/transport-node';
import { agentIdSchema, type Clock, type Frontiers, type Load, NexusError, parse } from '@nexus/contracts';
import {
  type Connection,
  contentTypeHeader,
  contentTypeOf,
  type Encoding,
  type ReplyInbox,
} from '@nexus/wire';
import { type AgentEvent, type AgentStats } from './agent-events.js';
import { bytesOf, type Part, writeDone, writeFailed } from './answer-part.js';
import { type Outcome, type Work } from './work.js';

/** What the agent has seen, told with the answer to a message of a causal operation. */
export interface AnswerClocks {
  readonly clock?: Clock;
  readonly frontiers?: Frontiers;
}

export interface AnsweringOptions {
  readonly agentId: string;
  readonly connection: Connection;
  /** The reply inbox of the connection. */
  readonly replies: ReplyInbox;
  readonly load: () => Load;
  /** The body in which an answer travels. Default: the answer itself. */
  readonly envelope?: (work: Work, answer: Part) => Uint8Array;
  /** Asked for messages of causal operations alone. */
  readonly clocks: (work: Work) => AnswerClocks;
  readonly stats: AgentStats;
  readonly report: (event: AgentEvent) => void;
}

/** Sends answers, over an outage if the budget allows. */
export class Answering {
  private readonly agentId;

  constructor(private readonly options: AnsweringOptions) {
    this.agentId = parse(agentIdSchema, options.agentId, 'agentId');
  }

  /**
   * Sends the answer where one is wanted; one that nobody takes within the budget is counted. Never throws or rejects.
   * @returns undefined once it is on its way, which is nearly always at once
   */
  send(work: Work, outcome: Outcome): Promise<void> | undefined {
    work.done(outcome);
    const { replySubject } = work;
    if (replySubject === undefined) return undefined;
    if (work.late) {
      this.lost(work, new NexusError('deadline_exceeded', 'the message had its turn after its budget'));
      return undefined;
    }
    const { connection, replies } = this.options;
    const { body, ok } = this.encode(work, outcome);
    work.answerBytes = body.length;
    const options = work.encoding === 'json' ? {} : { headers: headersFor(work.encoding) };
    if (!connection.steady) {
      return replies.deliver(replySubject, body, { ...options, withinMs: work.budgetMs }).then(
        () => this.sent(ok),
        (error: unknown) => this.lost(work, error),
      );
    }
    try {
      connection.publish(replySubject, body, options);
      this.sent(ok);
    } catch (error) {
      this.lost(work, error);
    }
    return undefined;
  }

  private sent(ok: boolean): void {
    const { stats } = this.options;
    if (ok) stats.answered += 1;
    else stats.refused += 1;
  }

  private lost({ message: { coordinationId } }: Work, cause: unknown): void {
    const { stats, report } = this.options;
    stats.lost += 1;
    report({ kind: 'answer_lost', coordinationId, error: NexusError.from(cause) });
  }

  /** An answer that cannot be written, or not in one message, becomes an error that says so. */
  private encode(work: Work, outcome: Outcome): { readonly body: Uint8Array; readonly ok: boolean } {
    const { agentId } = this;
    const { encoding } = work;
    const bytesMax = this.options.connection.bodyBytesMax;
    const load = this.options.load();
    const beside = work.ordered ? { load, ...this.options.clocks(work) } : { load };
    const { part, ok } = outcome.ok
      ? writeDone(encoding, agentId, outcome.data, beside)
      : writeFailed(encoding, agentId, outcome.error, beside);
    const { envelope = (_work: Work, answer: Part) => bytesOf(answer) } = this.options;
    const body = envelope(work, part);
    if (body.length <= bytesMax) return { body, ok };
    const error = new NexusError(
      'payload_too_large',
      `the answer has ${body.length} bytes; one message carries ${bytesMax}`,
    );
    return { body: envelope(work, writeFailed(encoding, agentId, error, beside).part), ok: false };
  }
}

function headersFor(encoding: Encoding) {
  const headers = natsHeaders();
  headers.set(contentTypeHeader, contentTypeOf(encoding));
  return headers;
}
