import {
  NexusError,
  parse,
  subjects,
  type VoteAnswer,
  voteAnswerSchema,
  votePayloadSchema,
} from '@nexus/contracts';
import { extractTrace, failSpan, inSpan, messagingAttributes } from '@nexus/wire';
import { INVALID_SPANID, INVALID_TRACEID, type Span, SpanKind } from '@opentelemetry/api';
import { type AgentEvent } from './agent-events.js';
import { type AgentHandlers, type HandlerMessage, type VoteHandler } from './agent-options.js';
import { type Answering } from './answering.js';
import { presentable } from './presentable.js';
import { isThenable } from './thenable.js';
import { tracingOn } from './tracing-on.js';
import { type Outcome, outlasted, type Work } from './work.js';

export interface PerformerOptions {
  readonly agentId: string;
  readonly prefix: string;
  readonly handlers: AgentHandlers;
  readonly answering: Answering;
  readonly report: (event: AgentEvent) => void;
}

type SpanNames = HandlerMessage['trace'];

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
   * Answers, at once where the handler returns no promise. Never throws or rejects: what goes wrong in a handler is the
   * answer.
   * @returns what is under way until it is answered: it resolves with what is left to wait for when the handler has
   * outlasted its budget
   */
  perform(work: Work): Promise<Overrun | undefined> | undefined {
    if (tracingOn()) return this.performTraced(work);
    let handling: unknown;
    try {
      handling = this.handle(work, untraced);
      if (isThenable(handling)) return this.follow(work, handling);
      // A handler that kept the process busy may have used up the budget of whoever waits.
      if (work.replySubject !== undefined && work.expired) throw outlasted();
    } catch (thrown) {
      return nothingMore(this.options.answering.send(work, this.failed(work, thrown)));
    }
    return nothingMore(this.options.answering.send(work, { ok: true, data: handling }));
  }

  private performTraced(work: Work): Promise<Overrun | undefined> {
    const { source, message } = work;
    const template = this.templateOf(source.subject);
    const attributes = {
      ...messagingAttributes('process', template, source.subject, source.data.length),
      'messaging.message.conversation_id': message.coordinationId,
      'nexus.agent.id': this.options.agentId,
      'nexus.message.kind': message.kind,
      'nexus.message.attempt': message.attempt,
    };
    return inSpan(
      `process ${this.template}`,
      { kind: SpanKind.CONSUMER, attributes, parent: extractTrace(source.headers) },
      async (span) => {
        // So that what it throws at once comes the same way as what it throws later.
        const handling = Promise.resolve().then(() => this.handle(work, span.spanContext()));
        return this.follow(work, handling, span);
      },
    );
  }

  private async follow(
    work: Work,
    handling: PromiseLike<unknown>,
    span?: Span,
  ): Promise<Overrun | undefined> {
    const handler = { running: true };
    const end = () => void (handler.running = false);
    const handlerEnd = Promise.resolve(handling.then(end, end));
    const outcome = await this.outcome(work, handling, span);
    await this.options.answering.send(work, outcome);
    return handler.running ? { handlerEnd } : undefined;
  }

  private async outcome(work: Work, handling: PromiseLike<unknown>, span?: Span): Promise<Outcome> {
    try {
      return { ok: true, data: await work.withinBudget(handling) };
    } catch (thrown) {
      const failed = this.failed(work, thrown);
      if (span) failSpan(span, failed.error);
      return failed;
    }
  }

  private failed(work: Work, thrown: unknown): Extract<Outcome, { readonly ok: false }> {
    const { kind, coordinationId } = work.message;
    const error = presentable(thrown);
    this.options.report({ kind: 'handler_failed', error, messageKind: kind, coordinationId });
    return { ok: false, error };
  }

  private handle(work: Work, trace: SpanNames): unknown {
    const { handlers, agentId } = this.options;
    const { kind, payload } = work.message;
    if (kind === 'vote' && handlers.vote) return vote(handlers.vote, work, trace);
    const handler = kind === 'vote' ? undefined : handlers[kind];
    if (!handler) throw new NexusError('not_found', `agent ${agentId} does not handle ${kind}`);
    return handler(new Shown(work, trace, payload));
  }

  private templateOf(subject: string): string {
    const group = `${this.options.prefix}.group.`;
    return subject.startsWith(group) ? `${this.options.prefix}.${subjects.group}` : this.template;
  }
}

/** Where nothing records, there is nothing to name. */
const untraced: SpanNames = { traceId: INVALID_TRACEID, spanId: INVALID_SPANID };

const nothingMore = (sending: Promise<void> | undefined): Promise<undefined> | undefined =>
  sending?.then(() => undefined);

/** A vote is checked on both sides: the proposal before the handler sees it, the answer before it is sent. */
function vote(handler: VoteHandler, work: Work, trace: SpanNames): VoteAnswer | PromiseLike<VoteAnswer> {
  const proposal = parse(votePayloadSchema, work.message.payload, 'proposal');
  const answer: unknown = handler(new Shown(work, trace, proposal));
  return isThenable(answer) ? answer.then(checkedVote) : checkedVote(answer);
}

function checkedVote(returned: unknown): VoteAnswer {
  const answer = voteAnswerSchema.safeParse(returned);
  if (answer.success) return answer.data;
  throw new NexusError('internal', 'the vote handler returned neither an option nor null');
}

/** What a handler is shown of a message. What few handlers look at is made when they do. */
class Shown<P> implements HandlerMessage<P> {
  readonly kind: HandlerMessage['kind'];
  readonly coordinationId: string;
  readonly attempt: number;
  readonly from: string;
  readonly clock: HandlerMessage['clock'];
  readonly causal: HandlerMessage['causal'];
  readonly fencingToken: number | undefined;

  /** No part of what is shown, also to whoever copies it. */
  readonly #work: Work;

  constructor(
    work: Work,
    readonly trace: SpanNames,
    readonly payload: P,
  ) {
    this.#work = work;
    const { message } = work;
    this.kind = message.kind;
    this.coordinationId = message.coordinationId;
    this.attempt = message.attempt;
    this.from = message.from;
    this.clock = message.clock;
    this.causal = message.causal;
    this.fencingToken = message.fencingToken;
  }

  get budgetMs(): number {
    return this.#work.budgetMs;
  }

  get signal(): AbortSignal {
    return this.#work.signal;
  }
}
