import { type Msg } from '@nats-io/transport-node';
import {
  type Chooser,
  type FleetLoads,
  type Life,
  type Selection,
  type Sending,
  type Settled,
  type TaskOwner,
  TaskRun,
  type WaitingLine,
  type Wish,
} from '@nexus/balancer';
import { type DirectPolicy, NexusError } from '@nexus/contracts';
import { type FlowingRetryBudget } from '@nexus/core/resilience';
import {
  type Awaiting,
  type Connection,
  type Expiring,
  failSpan,
  readAnswer,
  type ReplyInbox,
} from '@nexus/wire';
import { context, type Context, type Span } from '@opentelemetry/api';
import { type DirectLine } from './direct-line.js';
import { failureOf, type WorkOrder } from './work-order.js';

/** What all units of a client have in common. */
export interface DirectParts {
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  readonly line: DirectLine;
  readonly loads: FleetLoads;
  readonly chooser: Chooser;
  readonly waiting: WaitingLine;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Told when a unit is over, one way or another. */
  readonly onOver: (unit: DirectUnit) => void;
}

/** What one unit is sent out with. */
export interface Departure {
  readonly id: string;
  readonly selection: Selection;
  readonly wish: Wish;
  readonly policy: DirectPolicy;
  readonly retries: FlowingRetryBudget;
}

/** How long an agent that said goodbye may take to finish, in milliseconds: the SDK's own drain, and some. */
const leaveGraceMs = 6_000;
/** How long work waits for an agent when none is there, in milliseconds: a killed agent's id is free by then. */
const homelessPatienceMs = 6_000;

/** One unit of work between a client and agents: sent to one, to another when that fails it, and settled once. */
export class DirectUnit implements TaskOwner, Expiring {
  readonly deadlineAtMs: number;
  private readonly tasks: TaskRun;
  private readonly errands: SentErrand[] = [];
  private readonly parent: Context = context.active();
  private timers: Set<NodeJS.Timeout> | undefined;
  private patience: NodeJS.Timeout | undefined;
  private over = false;

  constructor(
    readonly order: WorkOrder,
    private readonly departure: Departure,
    private readonly parts: DirectParts,
  ) {
    const { selection, policy } = departure;
    this.deadlineAtMs = order.deadlineAtMs;
    const { loads, waiting: line, now } = parts;
    const { attemptsMax } = policy;
    this.tasks = new TaskRun({ tasks: 1, loads, selection, line, now, owner: this, attemptsMax });
  }

  /** Sends it, now or as soon as an agent has room. */
  begin(): void {
    this.tasks.pump();
  }

  /** Its time is over. */
  onLate(): void {
    this.tasks.expire();
  }

  /** Nobody wants it any more. */
  abandoned(): void {
    this.tasks.abandon();
  }

  /** An agent is there no more: what it had goes elsewhere, at once or when it does not come by and by. */
  agentGone(agentId: string, reason: 'left' | 'gone'): void {
    if (reason === 'gone') this.tasks.agentLost(agentId);
    else this.awaitFarewell(agentId);
  }

  /** The agents that it was sent to, in this order. */
  sentTo(): readonly string[] {
    return this.errands.map(({ agentId }) => agentId);
  }

  choose(_index: number, failedBy: readonly Life[]): number {
    const { selection, wish } = this.departure;
    return this.parts.chooser.choose(selection, wish, failedBy);
  }

  send({ dispatchId, agentId, attempt }: Sending): void {
    const { replies, line, now } = this.parts;
    const errand = new SentErrand(this, dispatchId, agentId);
    errand.token = replies.expect(errand);
    const { order, parent, departure } = this;
    try {
      errand.span = line.send({
        order,
        id: departure.id,
        agentId,
        attempt,
        budgetMs: Math.max(0, Math.floor(order.deadlineAtMs - now())),
        reply: replies.subjectOf(errand.token),
        parent,
      });
      this.errands.push(errand);
    } catch (error) {
      replies.forget(errand.token);
      throw error;
    }
  }

  mayRetry(): boolean {
    return this.departure.retries.take(this.parts.now());
  }

  onSettled({ agentId, attempts, outcome }: Settled): void {
    const { order } = this;
    if (!outcome.ok) order.fail(failureOf(outcome.error));
    else if (agentId !== undefined) order.done({ agentId, data: outcome.data, attempts, via: 'direct' });
  }

  onDone(): void {
    if (this.over) return;
    this.over = true;
    const { replies, loads, onOver } = this.parts;
    for (const errand of this.errands) {
      replies.forget(errand.token);
      errand.end();
    }
    if (this.timers) for (const timer of this.timers) clearTimeout(timer);
    loads.release(this.departure.selection);
    onOver(this);
  }

  /** Work that has no agent waits for one, but not for ever. */
  onHomeless(isHomeless: boolean): void {
    clearTimeout(this.patience);
    if (isHomeless) this.patience = this.after(homelessPatienceMs, () => this.tasks.giveUpWaiting());
  }

  /** @param message null when nobody listens where the agent should be */
  receive(errand: SentErrand, message: Msg | null): void {
    const { replies, connection } = this.parts;
    replies.forget(errand.token);
    if (message === null) {
      errand.fail(new NexusError('unavailable', 'nobody listens'));
      this.tasks.answered(errand.dispatchId, { kind: 'undeliverable' });
      return;
    }
    const answer = readAnswer(message, errand.agentId, { bodyBytesMax: connection.bodyBytesMax, admit });
    if (answer.kind === 'failed') errand.fail(new NexusError(answer.code, answer.message));
    else errand.end();
    if (this.tasks.answered(errand.dispatchId, answer) === 'late') replies.late += 1;
  }

  private awaitFarewell(agentId: string): void {
    const underWay = this.tasks.inFlightAt(agentId);
    if (underWay.length === 0) return;
    this.after(leaveGraceMs, () => {
      for (const dispatchId of underWay) this.tasks.lost(dispatchId);
    });
  }

  private after(delayMs: number, act: () => void): NodeJS.Timeout {
    const timers = (this.timers ??= new Set());
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, delayMs).unref();
    timers.add(timer);
    return timer;
  }
}

/** A message that an agent is to answer. */
class SentErrand implements Awaiting {
  /** The unit has the deadline. */
  readonly deadlineAtMs = Number.POSITIVE_INFINITY;
  token = '';
  span: Span | undefined;

  constructor(
    private readonly unit: DirectUnit,
    readonly dispatchId: number,
    readonly agentId: string,
  ) {}

  onReply(message: Msg | null): void {
    this.unit.receive(this, message);
  }

  onLate(): void {
    this.unit.onLate();
  }

  fail(error: NexusError): void {
    if (this.span) failSpan(this.span, error);
    this.end();
  }

  end(): void {
    this.span?.end();
    this.span = undefined;
  }
}

/** The caller waits for this one answer alone: it has the room of one message. */
const admit = () => undefined;
