import {
  NexusError,
  parse,
  subjects,
  type VoteAnswer,
  voteAnswerSchema,
  votePayloadSchema,
} from '@nexus/contracts';
import { extractTrace, failSpan, inSpan, messagingAttributes } from '@nexus/wire';
import { type Span, SpanKind } from '@opentelemetry/api';
import { type AgentEvent } from './agent-events.js';
import { type AgentHandlers, type HandlerMessage, type VoteHandler } from './agent-options.js';
import { type Answering } from './answering.js';
import { type Outcome, type Work } from './work.js';

export interface PerformerOptions {
  readonly agentId: string;
  readonly prefix: string;
  readonly handlers: AgentHandlers;
  readonly answering: Answering;
  readonly report: (event: AgentEvent) => void;
}

/** A handler that still runs when its message has been answered for it. */
export interface Overrun {
  /** Resolves when it has ended, which may be never. */
  readonly handlerEnd: Promise<void>;
}

/** Runs the handler of a message inside a span of its own, and answers inside it. */
export class Performer {
  private readonly template: string;

  constructor(private readonly options: PerformerOptions) {
    this.template = `${options.prefix}.${subjects.agent}`;
  }

  /**
   * Resolves once answered, with what is left to wait for when the handler has outlasted its budget. Never rejects:
   * what goes wrong in a handler is the answer.
   */
  async perform(work: Work): Promise<Overrun | undefined> {
    const { source, message } = work;
    const attributes = {
      ...messagingAttributes('process', this.templateOf(source.subject), source.subject, source.data.length),
      'messaging.message.conversation_id': message.coordinationId,
      'nexus.agent.id': this.options.agentId,
      'nexus.message.kind': message.kind,
      'nexus.message.attempt': message.attempt,
    };
    return inSpan(
      `process ${this.template}`,
      { kind: SpanKind.CONSUMER, attributes, parent: extractTrace(source.headers) },
      async (span) => {
        const handling = this.handle(work, span);
        const handler = { running: true };
        const end = () => void (handler.running = false);
        const handlerEnd = handling.then(end, end);
        const outcome = await this.outcome(work, span, handling);
        await this.options.answering.send(work, outcome);
        return handler.running ? { handlerEnd } : undefined;
      },
    );
  }

  private async outcome(work: Work, span: Span, handling: Promise<unknown>): Promise<Outcome> {
    const { kind, coordinationId } = work.message;
    try {
      return { ok: true, data: await work.withinBudget(handling) };
    } catch (thrown) {
      const error = presentable(thrown);
      failSpan(span, error);
      this.options.report({ kind: 'handler_failed', error, messageKind: kind, coordinationId });
      return { ok: false, error };
    }
  }

  private async handle(work: Work, span: Span): Promise<unknown> {
    const { handlers, agentId } = this.options;
    const { kind, payload } = work.message;
    if (kind === 'vote' && handlers.vote) return vote(handlers.vote, work, span);
    const handler = kind === 'vote' ? undefined : handlers[kind];
    if (!handler) throw new NexusError('not_found', `agent ${agentId} does not handle ${kind}`);
    return handler(handlerMessage(work, span, payload));
  }

  private templateOf(subject: string): string {
    const group = `${this.options.prefix}.group.`;
    return subject.startsWith(group) ? `${this.options.prefix}.${subjects.group}` : this.template;
  }
}

/** A vote is checked on both sides: the proposal before the handler sees it, the answer before it is sent. */
async function vote(handler: VoteHandler, work: Work, span: Span): Promise<VoteAnswer> {
  const proposal = parse(votePayloadSchema, work.message.payload, 'proposal');
  const answer = voteAnswerSchema.safeParse(await handler(handlerMessage(work, span, proposal)));
  if (answer.success) return answer.data;
  throw new NexusError('internal', 'the vote handler returned neither an option nor null');
}

function handlerMessage<P>(work: Work, span: Span, payload: P): HandlerMessage<P> {
  const { kind, coordinationId, attempt, from, clock, causal, fencingToken } = work.message;
  const { traceId, spanId } = span.spanContext();
  return {
    payload,
    kind,
    coordinationId,
    attempt,
    from,
    clock,
    causal,
    fencingToken,
    budgetMs: work.budgetMs,
    trace: { traceId, spanId },
    get signal() {
      return work.signal;
    },
  };
}

/** What of a thrown value the caller may see: the code and message of a `NexusError`, the message of another. */
function presentable(thrown: unknown): NexusError {
  if (thrown instanceof NexusError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new NexusError('internal', message, { cause: thrown });
}
