import { headers as natsHeaders } from '@nats-io/transport-node';
import {
  type AgentAnswer,
  agentIdSchema,
  type Clock,
  type Frontiers,
  type Load,
  NexusError,
  parse,
} from '@nexus/contracts';
import { type Connection, contentTypeHeader, contentTypeOf, encodeBody, type ReplyInbox } from '@nexus/wire';
import { type AgentEvent, type AgentStats } from './agent-events.js';
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
  /** Asked for messages of causal operations alone. */
  readonly clocks: (work: Work) => AnswerClocks;
  readonly stats: AgentStats;
  readonly report: (event: AgentEvent) => void;
}

/** Longest error message that an answer carries, in characters. */
const messageCharsMax = 4_096;

/** Sends answers, over an outage if the budget allows. */
export class Answering {
  private readonly agentId;

  constructor(private readonly options: AnsweringOptions) {
    this.agentId = parse(agentIdSchema, options.agentId, 'agentId');
  }

  /** Sends the answer where one is wanted; one that nobody takes within the budget is counted. Never rejects. */
  async send(work: Work, outcome: Outcome): Promise<void> {
    work.done(outcome);
    if (work.replySubject === undefined) return;
    const { stats, report } = this.options;
    try {
      if (work.late) throw new NexusError('deadline_exceeded', 'the message had its turn after its budget');
      const ok = await this.deliver(work, work.replySubject, outcome);
      if (ok) stats.answered += 1;
      else stats.refused += 1;
    } catch (cause) {
      stats.lost += 1;
      const { coordinationId } = work.message;
      report({ kind: 'answer_lost', coordinationId, error: NexusError.from(cause) });
    }
  }

  /** Whether what was delivered says `ok`. */
  private async deliver(work: Work, replySubject: string, outcome: Outcome): Promise<boolean> {
    const { body, ok } = this.encode(work, outcome);
    const headers = natsHeaders();
    if (work.encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(work.encoding));
    await this.options.replies.deliver(replySubject, body, { headers, withinMs: work.budgetMs });
    return ok;
  }

  /** An answer that cannot be written, or not in one message, becomes an error that says so. */
  private encode(work: Work, outcome: Outcome): { readonly body: Uint8Array; readonly ok: boolean } {
    const bytesMax = this.options.connection.bodyBytesMax;
    try {
      const body = encodeBody(this.answer(work, outcome), work.encoding);
      if (body.length <= bytesMax) return { body, ok: outcome.ok };
      const error = new NexusError(
        'payload_too_large',
        `the answer has ${body.length} bytes; one message carries ${bytesMax}`,
      );
      return { body: encodeBody(this.answer(work, { ok: false, error }), work.encoding), ok: false };
    } catch (cause) {
      const error = new NexusError('internal', 'the handler returned what JSON cannot express', { cause });
      return { body: encodeBody(this.answer(work, { ok: false, error }), work.encoding), ok: false };
    }
  }

  private answer(work: Work, outcome: Outcome): AgentAnswer {
    const { agentId } = this;
    const seen = { load: this.options.load(), ...(work.ordered && this.options.clocks(work)) };
    if (outcome.ok) return { agentId, ok: true, data: outcome.data ?? null, ...seen };
    const { code, message } = outcome.error;
    return { agentId, ok: false, error: { code, message: message.slice(0, messageCharsMax) }, ...seen };
  }
}
