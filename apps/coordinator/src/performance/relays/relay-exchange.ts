import { type Msg } from '@nats-io/transport-node';
import { type AgentId, NexusError, type RelayOrder, type RelayReport } from '@nexus/contracts';
import { Pending, type Subtree } from '@nexus/core/relay-tree';
import { type Conversation, failSpan, readRelayReport, relayToken } from '@nexus/wire';
import { type Span } from '@opentelemetry/api';
import { type Outbox } from '../../fleet/outbox.js';
import { type Sending } from '../sending.js';
import { type RelayTimes } from './relay-times.js';

/** Reads what a report says of whom; undefined where it is not to be believed. */
export type ReadAccount = (report: RelayReport, reportBytes: number) => Account | undefined;

/** What a report says: of whom, and how that is entered. */
export interface Account {
  /** Places of all that it names, but for those who were silent. */
  readonly settled: readonly number[];
  readonly silent: readonly number[];
  readonly enter: () => void;
}

export interface RelayExchangeOptions extends Sending {
  readonly subtrees: readonly Subtree[];
  readonly times: RelayTimes;
  /** What relays are to bring. */
  readonly brings: Pick<RelayOrder, 'want' | 'aggregate'>;
  readonly read: ReadAccount;
  /** Called after each report that was entered. */
  readonly onHeard: () => void;
  /** Called with those whom a relay does not account for, each once. */
  readonly onLeft: (slots: readonly number[]) => void;
}

/** A relay and those whom it has not accounted for. */
interface Branch {
  readonly relayId: AgentId;
  readonly pending: Pending;
  readonly span: Span | undefined;
  heardAtMs: number;
  closed: boolean;
}

/**
 * Orders to relays on behalf of one coordination, and what they report. A relay is believed of whom it was given, once, and
 * for as long as it is heard of: then whoever is left is handed back. It can spoil its own subtree alone.
 */
export class RelayExchange {
  /** Relays that refused, fell silent, or were not believed. */
  lost = 0;
  private readonly conversation: Conversation;
  private readonly outbox: Outbox;
  private readonly branches: Branch[] = [];
  private readonly startedAtMs = performance.now();
  private watch: NodeJS.Timeout | undefined;
  private lookedAtMs = 0;

  constructor(private readonly options: RelayExchangeOptions) {
    const { line, coordination } = options;
    this.outbox = line.outbox(coordination);
    this.conversation = line.replies.open((at, message) => this.receive(at, message));
  }

  /** Sends every relay its order. */
  send(): void {
    const { subtrees, times } = this.options;
    for (const subtree of subtrees) this.sendTo(subtree);
    this.lookedAtMs = performance.now();
    this.watch = setInterval(() => this.lookForSilent(), times.beatMs).unref();
  }

  /** The relay is gone: nothing will come of it. */
  gone(agentId: string): void {
    for (const branch of this.branches) if (branch.relayId === agentId) this.lose(branch);
  }

  /** What has not been reported by now is late when it comes. */
  close(): void {
    clearInterval(this.watch);
    this.conversation.close();
    for (const branch of this.branches) {
      if (!branch.closed)
        endOf(branch, new NexusError('deadline_exceeded', 'no account before the deadline'));
    }
  }

  private sendTo({ relay, children }: Subtree): void {
    const { coordination, line, letter } = this.options;
    const { agentId: relayId } = coordination.targets.agents[relay]!;
    const branch = { relayId, pending: new Pending(children), heardAtMs: performance.now(), closed: false };
    const reply = this.conversation.replySubject(this.branches.length);
    try {
      const encoding = line.addresses.encodingOf(relayId);
      const body = line.write(coordination, letter, { encoding, relay: this.orderFor(relayId, children) });
      this.branches.push({ ...branch, span: this.outbox.send({ agentId: relayId, body, reply }) });
    } catch (thrown) {
      // Too large with all the names, or not connected: what is sent without it says which.
      const unsent = { ...branch, span: undefined };
      this.branches.push(unsent);
      this.lose(unsent, NexusError.from(thrown));
    }
  }

  private orderFor(relayId: AgentId, children: readonly number[]): RelayOrder {
    const { coordination, letter, times, brings } = this.options;
    const relaying = { relayId, kind: letter.kind, coordinationId: coordination.id };
    const targets = children.map((slot) => {
      const { agentId, tokenHash, encoding } = coordination.targets.agents[slot]!;
      return { agentId, token: relayToken(tokenHash, relaying), ...(encoding && { encoding }) };
    });
    return { targets, ...brings, targetBudgetMs: times.targetBudgetMs, beatMs: times.beatMs };
  }

  private receive(at: number, message: Msg | null): void {
    const branch = this.branches[at];
    if (!branch || branch.closed) {
      this.options.line.replies.late += 1;
      return;
    }
    if (message === null) {
      this.lose(branch, new NexusError('unavailable', 'nobody listens'));
      return;
    }
    const { line } = this.options;
    const reading = readRelayReport(message, branch.relayId, line.bodyBytesMax);
    if (reading.kind === 'malformed') this.lose(branch, incredible(reading.why));
    else this.take(branch, reading.report, message.data.length);
  }

  private take(branch: Branch, report: RelayReport, reportBytes: number): void {
    const account = this.options.read(report, reportBytes);
    const nowMs = performance.now();
    branch.heardAtMs = nowMs;
    if (!account) {
      this.lose(branch, incredible('it says what cannot be'));
      return;
    }
    const { settled, silent, enter } = account;
    // Whoever gives up early has not heard of all.
    const hasWaited = nowMs - this.startedAtMs >= this.options.times.targetBudgetMs;
    if ((silent.length > 0 && !hasWaited) || !branch.pending.settle([...settled, ...silent])) {
      this.lose(branch, incredible('it does not add up'));
      return;
    }
    enter();
    if (branch.pending.size === 0) endOf(branch);
    else if (report.final) this.lose(branch, new NexusError('unavailable', 'it left some for others to ask'));
    this.options.onHeard();
  }

  /** One who was held up judges nobody: what they said may be there, unread. */
  private lookForSilent(): void {
    const { beatMs, silenceMs } = this.options.times;
    const nowMs = performance.now();
    const heldUp = nowMs - this.lookedAtMs > 2 * beatMs;
    this.lookedAtMs = nowMs;
    if (heldUp) return;
    const sinceMs = nowMs - silenceMs;
    for (const branch of this.branches) if (branch.heardAtMs < sinceMs) this.lose(branch);
  }

  private lose(branch: Branch, error = new NexusError('unavailable', 'the relay fell silent')): void {
    if (branch.closed) return;
    this.lost += 1;
    endOf(branch, error);
    this.options.onLeft(branch.pending.takeRest());
  }
}

const incredible = (why: string) => new NexusError('internal', `malformed report: ${why}`);

function endOf(branch: Branch, error?: NexusError): void {
  branch.closed = true;
  if (branch.span && error) failSpan(branch.span, error);
  branch.span?.end();
}
