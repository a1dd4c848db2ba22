import { type AgentAnswer, type AgentId, limits, type RelayOrder, type RelayReport } from '@nexus/contracts';
import {
  type AggregateState,
  type Aggregator,
  createAggregator,
  resolvePointer,
} from '@nexus/core/aggregation';
import { type Answer, encodeBody, type Encoding, envelopeBytes } from '@nexus/wire';

/** How reports are written. */
export interface ReportForm {
  readonly relayId: AgentId;
  readonly encoding: Encoding;
  /** What one message carries. */
  readonly bodyBytesMax: number;
}

/** What names and punctuation around an entry take at most, in bytes. */
const entryBytes = limits.idCharsMax + 64;

type Failure = NonNullable<RelayReport['failed']>[number];

/** What the relay of one order knows and has not said yet. */
export class ReportDraft {
  /** Whoever asked puts each answer into a message of its own, and reads no more than what fits one. */
  private readonly bytesMax: number;
  private answers: AgentAnswer[] = [];
  private reached: AgentId[] = [];
  private failures: Failure[] = [];
  private unreached: AgentId[] = [];
  private aggregator: Aggregator | undefined;
  private bytes = 0;

  constructor(
    private readonly form: ReportForm,
    private readonly order: Pick<RelayOrder, 'want' | 'aggregate'>,
  ) {
    this.bytesMax = form.bodyBytesMax - envelopeBytes;
  }

  /** It is time to send it: what was received makes half a message, so that as it is written it fits one. */
  get full(): boolean {
    return this.bytes >= this.bytesMax / 2;
  }

  /** @param receivedBytes of the message in which it came */
  answered(agentId: AgentId, answer: Answer, receivedBytes: number): void {
    this.bytes += receivedBytes + entryBytes;
    if (this.order.want === 'answers') this.answers.push(agentAnswer(agentId, answer));
    else if (answer.kind === 'failed') {
      this.failures.push({ agentId, code: answer.code, message: answer.message });
    } else {
      this.reached.push(agentId);
      this.aggregate(answer.data);
    }
  }

  sent(agentId: AgentId): void {
    this.bytes += entryBytes;
    this.reached.push(agentId);
  }

  notThere(agentId: AgentId): void {
    this.bytes += entryBytes;
    this.unreached.push(agentId);
  }

  /**
   * Writes what is to be said, as one report or several, and forgets it; a sign of life where that is nothing. What fits no
   * message names nobody: whoever asked then asks those itself.
   * @param missing with the last report alone: who was silent
   */
  take(missing?: readonly AgentId[]): Uint8Array[] {
    const { answers, reached, failures, unreached, aggregator } = this;
    this.answers = [];
    this.reached = [];
    this.failures = [];
    this.unreached = [];
    this.aggregator = undefined;
    this.bytes = 0;
    const bodies = answers.length > 0 ? this.writeAnswers(answers) : [];
    if (reached.length + failures.length + unreached.length > 0) {
      const state = aggregator && { state: aggregator.state() };
      bodies.push(...this.write({ reached, failed: failures, unreached, ...state }));
    }
    if (missing) bodies.push(...this.writeLast(missing));
    return bodies.length > 0 ? bodies : this.write({});
  }

  private aggregate(data: unknown): void {
    const { aggregate } = this.order;
    if (!aggregate) return;
    this.aggregator ??= createAggregator(aggregate.name);
    const found = resolvePointer(data, aggregate.field);
    if (found.kind === 'found') this.aggregator.add(found.value);
  }

  private writeAnswers(answers: readonly AgentAnswer[]): Uint8Array[] {
    const bodies = this.write({ answers });
    const [only] = answers;
    if (bodies.length > 0 || !only) return bodies;
    if (answers.length === 1) return this.write({ answers: [tooLarge(only.agentId)] });
    const half = answers.length >> 1;
    return [...this.writeAnswers(answers.slice(0, half)), ...this.writeAnswers(answers.slice(half))];
  }

  private writeLast(missing: readonly AgentId[]): Uint8Array[] {
    const bodies = this.write({ missing, final: true });
    return bodies.length > 0 ? bodies : this.write({ final: true });
  }

  /** The body; none where it would fit no message. */
  private write(report: Report): Uint8Array[] {
    const { relayId, encoding } = this.form;
    const body = encodeBody({ relayId, ...report }, encoding);
    return body.length <= this.bytesMax ? [body] : [];
  }
}

type Report = { readonly [K in keyof Omit<RelayReport, 'relayId' | 'state'>]: Readonly<RelayReport[K]> } & {
  readonly state?: AggregateState;
};

function agentAnswer(agentId: AgentId, answer: Answer): AgentAnswer {
  return answer.kind === 'done'
    ? { agentId, ok: true, data: answer.data }
    : { agentId, ok: false, error: { code: answer.code, message: answer.message } };
}

const tooLarge = (agentId: AgentId): AgentAnswer => ({
  ...{ agentId, ok: false },
  error: { code: 'payload_too_large', message: 'the answer fits no report of its relay' },
});
