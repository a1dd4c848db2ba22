import { agentIdSchema, type MessageKind, parse, subjects } from '@nexus/contracts';
import { extractTrace, inSpan, messagingAttributes } from '@nexus/wire';
import { SpanKind } from '@opentelemetry/api';
import { type AgentStats } from '../agent/agent-events.js';
import { type Letter } from '../agent/reading.js';
import { ReportDraft } from './report-draft.js';
import { type RelayLetter, type RelayLine, RelayRun, sendReport } from './relay-run.js';

export interface RelayDeskOptions extends RelayLine {
  /** The agent has said that it relays. */
  readonly offered: boolean;
  readonly stats: AgentStats;
}

/** Orders under way at once. */
const ordersMax = 64;

/** What is relayed: what is the same for all, and asks nobody to decide. */
const relayed: ReadonlySet<MessageKind> = new Set(['broadcast', 'gather']);

/**
 * Takes orders to pass messages on. An order takes no place of a handler: the work is the broker's and the others', and a
 * relay whose handlers are all busy must not hold up its subtree.
 */
export class RelayDesk {
  private readonly under = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: RelayDeskOptions) {}

  /** Orders under way. */
  get active(): number {
    return this.under.size;
  }

  /** Carries an order out, or says at once that it does not. Never throws. */
  take({ replySubject, ...letter }: Letter): void {
    const { relay: order, kind, causal } = letter.message;
    // Whom it reached nobody would hear.
    if (order === undefined || replySubject === undefined) return;
    const ordered = { ...letter, order, replySubject };
    const refuses = !this.options.offered || !relayed.has(kind) || causal !== undefined;
    if (refuses || this.stopping.signal.aborted || this.under.size >= ordersMax) this.refuse(ordered);
    else this.begin(ordered);
  }

  async whenIdle(): Promise<void> {
    await Promise.all(this.under);
  }

  /** Reports what has come so far: the rest is for Nexus to ask. */
  stop(): void {
    this.stopping.abort();
  }

  private begin(letter: RelayLetter): void {
    const running = this.run(letter).finally(() => this.under.delete(running));
    this.under.add(running);
  }

  private async run(letter: RelayLetter): Promise<void> {
    const { prefix, stats } = this.options;
    const { source, message, order } = letter;
    const template = `${prefix}.${subjects.agent}`;
    const attributes = {
      ...messagingAttributes('process', template, source.subject, source.data.length),
      'messaging.message.conversation_id': message.coordinationId,
      'nexus.message.kind': message.kind,
      'nexus.relay.targets': order.targets.length,
    };
    const span = { kind: SpanKind.CONSUMER, attributes, parent: extractTrace(source.headers) };
    await inSpan(`relay ${template}`, span, async () => {
      stats.relayed += await new RelayRun(this.options, letter, this.stopping.signal).run();
    });
  }

  private refuse(letter: RelayLetter): void {
    const { agentId, connection } = this.options;
    const form = {
      relayId: parse(agentIdSchema, agentId, 'agentId'),
      ...{ encoding: letter.encoding, bodyBytesMax: connection.bodyBytesMax },
    };
    for (const body of new ReportDraft(form, letter.order).take([])) sendReport(this.options, letter, body);
  }
}
