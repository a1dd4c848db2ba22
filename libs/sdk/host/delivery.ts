import {
  type CausalStamp,
  type Clock,
  type MessageKind,
  NexusError,
  parse,
  type VoteAnswer,
  voteAnswerSchema,
  votePayloadSchema,
} from '@nexus/contracts';
import { timerMsMax } from '@nexus/wire';
import { type HandlerMessage } from '../agent/agent-options.js';
import { presentable } from '../agent/presentable.js';
import { type Letter, type Source } from '../agent/reading.js';
import { outlasted } from '../agent/work.js';
import { inEncoding, writeDone, writeFailed, type Written } from '../agent/answer-part.js';
import { type Answers } from './answers.js';
import { type HostDesk, type Loaded } from './host-desk.js';

/** An agent that messages are for. */
export interface Recipient extends Loaded {
  /** Takes a message: calls the handler, has it wait for its turn, or turns it away. */
  take(delivery: Delivery, slot: number): void;
  /** A message that waits has used up its budget. */
  letGo(delivery: Delivery): void;
  /** A handler has outlasted its budget by so much that its place goes to others. */
  stick(): void;
}

/** A handler that was called and has not ended. */
export interface Run {
  readonly member: Recipient;
  readonly slot: number;
  /** It has outlasted its budget, and was answered for. */
  late: boolean;
  /** It has outlasted even that, and its turn is over. */
  stuck: boolean;
}

/** Time for handlers to end once they are aborted, in milliseconds. */
const abortGraceMs = 250;

/**
 * One message on its way to some agents of the host: what their handlers are shown, and where their answers go. What only
 * some handlers need (a signal, a timer, a place to wait) is made when it is asked for, once for all of them.
 */
export class Delivery implements HandlerMessage {
  readonly source: Source;
  readonly payload: unknown;
  readonly kind: MessageKind;
  readonly coordinationId: string;
  readonly attempt: number;
  readonly from: string;
  readonly clock: Clock | undefined;
  readonly causal: CausalStamp | undefined;
  readonly fencingToken: number | undefined;
  /** Why no handler can be shown the payload. */
  readonly flaw: NexusError | undefined;
  /** What came of it, by the place of the agent among those that it is for; kept for repeats. */
  readonly outcomes: (Written | undefined)[] = [];
  /** Characters, or bytes, of all that is kept for repeats. */
  keptLength = 0;
  private repeats: Map<number, Answers[]> | undefined;
  private readonly expiresAtMs: number;
  private controller: AbortController | undefined;
  private aborted: Error | undefined;
  private timer: NodeJS.Timeout | undefined;
  private runs: Set<Run> | undefined;
  private waiting: Set<Recipient> | undefined;
  private spread = false;

  constructor(
    { message, source }: Letter,
    private readonly answers: Answers | undefined,
    private readonly desk: HostDesk,
    readonly trace: HandlerMessage['trace'],
  ) {
    this.source = source;
    this.kind = message.kind;
    this.coordinationId = message.coordinationId;
    this.attempt = message.attempt;
    this.from = message.from;
    this.clock = message.clock;
    this.causal = message.causal;
    this.fencingToken = message.fencingToken;
    this.expiresAtMs = performance.now() + message.budgetMs;
    const proposal = this.kind === 'vote' ? proposalIn(message.payload) : { payload: message.payload };
    this.payload = 'payload' in proposal ? proposal.payload : undefined;
    this.flaw = 'flaw' in proposal ? proposal.flaw : undefined;
  }

  /** What is left of the deadline, in milliseconds. */
  get budgetMs(): number {
    return Math.max(0, Math.floor(this.expiresAtMs - performance.now()));
  }

  get expired(): boolean {
    return performance.now() >= this.expiresAtMs;
  }

  get signal(): AbortSignal {
    if (this.controller) return this.controller.signal;
    const controller = (this.controller = new AbortController());
    // Whoever looks at it only now is to see what has happened before.
    if (this.aborted) controller.abort(this.aborted);
    this.arm();
    return controller.signal;
  }

  /** Calls the handlers of these agents, or has them wait for their turn. */
  spreadTo(members: readonly Recipient[]): void {
    for (let slot = 0; slot < members.length; slot += 1) members[slot]!.take(this, slot);
    this.endSpread();
  }

  /** Every agent that it is for was offered it. */
  endSpread(): void {
    this.spread = true;
    this.answers?.endTurn(this.open);
    if (this.open > 0) this.desk.running.add(this);
    else this.end();
  }

  /** A handler came to this. */
  returned(member: Recipient, slot: number, data: unknown): void {
    if (this.answers === undefined) return;
    const beside = this.kind === 'task' ? { load: this.desk.loadOf(member) } : undefined;
    if (this.kind === 'vote' && !isVote(data)) {
      const error = new NexusError('internal', 'the vote handler returned neither an option nor null');
      this.fail(member, slot, error);
    } else this.settle(member, slot, writeDone(this.answers.encoding, member.agentId, data, beside));
  }

  /** A handler threw this. */
  threw(member: Recipient, slot: number, thrown: unknown): void {
    const error = presentable(thrown);
    const { kind: messageKind, coordinationId } = this;
    this.desk.report({
      kind: 'handler_failed',
      agentId: member.agentId,
      error,
      messageKind,
      coordinationId,
    });
    this.fail(member, slot, error);
  }

  /** Answers for an agent that it cannot do it. */
  fail(member: Recipient, slot: number, error: NexusError): void {
    if (this.answers === undefined) return;
    const beside = this.kind === 'task' ? { load: this.desk.loadOf(member) } : undefined;
    this.settle(member, slot, writeFailed(this.answers.encoding, member.agentId, error, beside));
  }

  /** One of its agents has had it before. */
  repeated(): void {
    this.desk.stats.duplicates += 1;
  }

  /** Whoever asks again gets the first outcome, once there is one. */
  repeat(member: Recipient, slot: number, again: Answers): void {
    const outcome = this.outcomes[slot];
    if (outcome) again.add(member.agentId, inEncoding(again.encoding, outcome));
    else if (this.answers === undefined)
      again.add(member.agentId, writeDone(again.encoding, member.agentId, null));
    else {
      this.repeats ??= new Map();
      this.repeats.set(slot, [...(this.repeats.get(slot) ?? []), again]);
    }
  }

  /** A handler did not end at once. */
  began(run: Run): void {
    (this.runs ??= new Set()).add(run);
    this.arm();
  }

  /** A handler that did not end at once has ended. */
  ended(run: Run): void {
    this.runs?.delete(run);
    this.endIfDone();
  }

  /** An agent has no turn for it yet. */
  waits(member: Recipient): void {
    (this.waiting ??= new Set()).add(member);
    this.arm();
  }

  waitsNoMore(member: Recipient): void {
    this.waiting?.delete(member);
  }

  /** Aborts handlers before the budget is used up. */
  abort(reason: Error): void {
    this.aborted ??= reason;
    this.controller?.abort(reason);
  }

  /** Called when something may have been the last. */
  endIfDone(): void {
    if (this.spread && this.open === 0) this.end();
  }

  private get open(): number {
    return (this.runs?.size ?? 0) + (this.waiting?.size ?? 0);
  }

  private settle(member: Recipient, slot: number, written: Written): void {
    this.keptLength += written.part.length - (this.outcomes[slot]?.part.length ?? 0);
    this.outcomes[slot] = written;
    this.answers?.add(member.agentId, written);
    for (const again of this.repeats?.get(slot) ?? []) {
      again.add(member.agentId, inEncoding(again.encoding, written));
    }
    this.repeats?.delete(slot);
  }

  private arm(): void {
    if (this.timer !== undefined) return;
    const afterMs = Math.min(Math.max(0, this.expiresAtMs - performance.now()), timerMsMax);
    this.timer = setTimeout(() => this.expire(), afterMs).unref();
  }

  /** The budget is used up: whoever waits is let go, whoever works is answered for and has a moment to end. */
  private expire(): void {
    this.abort(new Error('the budget is used up'));
    for (const member of [...(this.waiting ?? [])]) member.letGo(this);
    for (const run of this.runs ?? []) {
      run.late = true;
      this.threw(run.member, run.slot, outlasted());
    }
    this.endIfDone();
    if (this.open > 0) this.timer = setTimeout(() => this.giveUp(), abortGraceMs).unref();
  }

  /** Their turn is over, so that others are not held up; but they still count. */
  private giveUp(): void {
    for (const run of this.runs ?? []) {
      run.stuck = true;
      run.member.stick();
    }
    this.desk.running.delete(this);
  }

  private end(): void {
    clearTimeout(this.timer);
    this.desk.running.delete(this);
    this.onEnd?.();
    this.onEnd = undefined;
  }

  /** Called once all handlers have ended. */
  onEnd: (() => void) | undefined;
}

/** A vote is checked on both sides: the proposal before handlers see it, the answer before it is sent. */
function proposalIn(payload: unknown): { readonly payload: unknown } | { readonly flaw: NexusError } {
  try {
    return { payload: Object.freeze(parse(votePayloadSchema, payload, 'proposal')) };
  } catch (error) {
    return { flaw: NexusError.from(error) };
  }
}

const isVote = (data: unknown): data is VoteAnswer =>
  data === null || typeof data === 'boolean' || voteAnswerSchema.safeParse(data).success;
