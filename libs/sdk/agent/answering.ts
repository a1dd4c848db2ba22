import { headers as natsHeaders } from '@nats-io/transport-node';
import { type AgentAnswer, agentIdSchema, type Load, NexusError, parse } from '@nexus/contracts';
import { type Connection, contentTypeHeader, contentTypeOf, encodeBody } from '@nexus/wire';
import { type AgentEvent, type AgentStats } from './agent-events.js';
import { type Work } from './work.js';

/** What came of a message. */
export type Outcome =
  { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly error: NexusError };

export interface AnsweringOptions {
  readonly agentId: string;
  readonly connection: Connection;
  readonly load: () => Load;
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

  /** Sends the answer where one is wanted; what cannot be sent within the budget is counted. Never rejects. */
  async send(work: Work, outcome: Outcome): Promise<void> {
    if (work.replySubject === undefined) return;
    try {
      while (!this.publish(work, work.replySubject, outcome)) {
        await this.options.connection.whenConnected(work.budgetMs);
      }
    } catch (cause) {
      const error = NexusError.from(cause);
      this.options.stats.lost += 1;
      this.options.report({ kind: 'answer_lost', coordinationId: work.message.coordinationId, error });
    }
  }

  /** False when the connection is down. */
  private publish(work: Work, replySubject: string, outcome: Outcome): boolean {
    if (work.expired) throw new NexusError('deadline_exceeded', 'the budget is used up');
    const { connection, stats } = this.options;
    if (!connection.connected) return false;
    const { body, ok } = this.encode(work, outcome);
    const headers = natsHeaders();
    if (work.encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(work.encoding));
    connection.publish(replySubject, body, { headers });
    if (ok) stats.answered += 1;
    else stats.refused += 1;
    return true;
  }

  /** An answer that cannot be written, or not in one message, becomes an error that says so. */
  private encode(work: Work, outcome: Outcome): { readonly body: Uint8Array; readonly ok: boolean } {
    const bytesMax = this.options.connection.bodyBytesMax;
    try {
      const body = encodeBody(this.answer(outcome), work.encoding);
      if (body.length <= bytesMax) return { body, ok: outcome.ok };
      const error = new NexusError(
        'payload_too_large',
        `the answer has ${body.length} bytes; one message carries ${bytesMax}`,
      );
      return { body: encodeBody(this.answer({ ok: false, error }), work.encoding), ok: false };
    } catch (cause) {
      const error = new NexusError('internal', 'the handler returned what JSON cannot express', { cause });
      return { body: encodeBody(this.answer({ ok: false, error }), work.encoding), ok: false };
    }
  }

  private answer(outcome: Outcome): AgentAnswer {
    const { agentId } = this;
    const load = this.options.load();
    if (outcome.ok) return { agentId, ok: true, data: outcome.data ?? null, load };
    const { code, message } = outcome.error;
    return { agentId, ok: false, error: { code, message: message.slice(0, messageCharsMax) }, load };
  }
}
