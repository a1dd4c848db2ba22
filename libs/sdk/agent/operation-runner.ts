import {
  type CoordinateAnswer,
  coordinatePayloadSchema,
  NexusError,
  parse,
  subjects,
} from '@nexus/contracts';
import { extractTrace, failSpan, inSpan, messagingAttributes } from '@nexus/wire';
import { type Span, SpanKind } from '@opentelemetry/api';
import { type AgentEvent } from './agent-events.js';
import { type AgentHandlers } from './agent-options.js';
import { type Answering } from './answering.js';
import { type BroadcastRun } from './broadcast-run.js';
import { type Outcome, type Work } from './work.js';

export interface OperationRunnerOptions {
  readonly prefix: string;
  readonly handlers: AgentHandlers;
  readonly run: BroadcastRun;
  readonly answering: Answering;
  readonly report: (event: AgentEvent) => void;
}

/** Operations that wait for answers at once. */
const waitingMax = 64;

/**
 * Runs operations that the agent is asked to run itself: the default where it has no handler for `coordinate`. An
 * operation has its turn like any message until all is sent; the wait for answers holds nothing up.
 */
export class OperationRunner {
  private readonly under = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: OperationRunnerOptions) {}

  /** Operations that wait for answers. */
  get waiting(): number {
    return this.under.size;
  }

  /** Whether this is an operation that is run by default. */
  runs({ message }: Work): boolean {
    return message.kind === 'coordinate' && this.options.handlers.coordinate === undefined;
  }

  /** Resolves once all is sent, or it turned out that nothing will be. Never rejects. */
  async start(work: Work): Promise<void> {
    if (this.under.size >= waitingMax) {
      const error = new NexusError('overloaded', 'the agent waits for too many operations');
      await this.options.answering.send(work, { ok: false, error });
      return;
    }
    let sent: () => void = () => undefined;
    const whenSent = new Promise<void>((resolve) => (sent = resolve));
    const operation = this.conduct(work, sent).finally(() => this.under.delete(operation));
    this.under.add(operation);
    await Promise.race([whenSent, operation]);
  }

  async whenIdle(): Promise<void> {
    await Promise.all(this.under);
  }

  /** Answers with what has come so far. */
  stop(): void {
    this.stopping.abort();
  }

  private async conduct(work: Work, onSent: () => void): Promise<void> {
    const { source, message } = work;
    const template = `${this.options.prefix}.${subjects.agent}`;
    const attributes = {
      ...messagingAttributes('process', template, source.subject, source.data.length),
      'messaging.message.conversation_id': message.coordinationId,
      'nexus.message.kind': message.kind,
    };
    const span = { kind: SpanKind.CONSUMER, attributes, parent: extractTrace(source.headers) };
    await inSpan(`process ${template}`, span, async (active) => {
      const outcome = await this.outcome(work, onSent, active);
      await this.options.answering.send(work, outcome);
    });
  }

  private async outcome(work: Work, onSent: () => void, span: Span): Promise<Outcome> {
    const { coordinationId, kind, payload } = work.message;
    try {
      const asked = parse(coordinatePayloadSchema, payload, 'payload');
      const { signal } = this.stopping;
      const data: CoordinateAnswer = await this.options.run.broadcast(work, asked, { onSent, signal });
      return { ok: true, data };
    } catch (thrown) {
      const error = NexusError.from(thrown);
      failSpan(span, error);
      this.options.report({ kind: 'handler_failed', error, messageKind: kind, coordinationId });
      return { ok: false, error };
    }
  }
}
