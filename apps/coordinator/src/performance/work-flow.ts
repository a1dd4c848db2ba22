import {
  type Life,
  type Sending,
  type Settled,
  type TaskAnswer,
  type TaskOwner,
  TaskRun,
} from '@nexus/balancer';
import { type AgentId, NexusError, type Route, type WorkResult } from '@nexus/contracts';
import { noLeases } from '../coordination/agent-leases.js';
import { type Exchange, type Undeliverable } from '../fleet/agent-line.js';
import { type Body } from '../fleet/body.js';
import { type Answer } from '@nexus/wire';
import { allSettled, type LoadBalance } from '../patterns/load-balance.js';
import { type BalancedPlan, type BalancedWorkParts } from './balanced-plan.js';
import { wishOf } from './wish.js';

/** How long an agent that said goodbye, or is away, may take to finish, in milliseconds: the SDK's own drain, and some. */
const leaveGraceMs = 6_000;
/** How long work waits for an agent when none is there, in milliseconds: a killed agent's id is free by then. */
const homelessPatienceMs = 6_000;

/** For so long a message that was written may be sent again, in milliseconds: its budget is too long by as much. */
const commonBodyMs = 10;

/** Carries the units of one request to the agents that are chosen for them, and brings one result each. */
export class WorkFlow implements TaskOwner {
  private readonly tasks: TaskRun;
  private readonly exchange: Exchange;
  private readonly results: (WorkResult | undefined)[];
  private readonly timers = new Set<NodeJS.Timeout>();
  private patience: NodeJS.Timeout | undefined;
  private finish: () => void = () => undefined;
  /** The message of the units that have no payload of their own. */
  private common: { readonly body: Body; readonly writtenAtMs: number } | undefined;

  constructor(
    private readonly coordination: LoadBalance,
    private readonly plan: BalancedPlan,
    private readonly parts: BalancedWorkParts,
  ) {
    const { loads, waiting: line, now } = parts;
    const tasks = coordination.goal.requests.length;
    this.results = new Array<WorkResult | undefined>(tasks).fill(undefined);
    parts.retries.earn(tasks);
    this.exchange = parts.line.open(coordination, (dispatchId, answer) => this.receive(dispatchId, answer));
    this.tasks = new TaskRun({ tasks, loads, selection: plan.selection, line, now, owner: this });
  }

  /** One result for each request, in order, by the deadline at the latest. */
  async run(): Promise<readonly WorkResult[]> {
    const done = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    const { fleet, loads } = this.parts;
    const stopWatching = fleet.onAgentGone((agentId, reason) => {
      if (reason === 'gone') this.tasks.agentLost(agentId);
      else this.awaitFarewell(agentId);
    });
    // It may be on its way back; and while routing is without its store, nobody else would say that it is dead.
    const stopListening = loads.onAway((agentId) => this.awaitFarewell(agentId));
    this.after(this.coordination.deadline.remainingMs, () => this.tasks.expire());
    try {
      this.tasks.pump();
      await done;
    } finally {
      for (const timer of this.timers) clearTimeout(timer);
      stopWatching();
      stopListening();
      this.exchange.close();
      // After a defect too nothing may stay in flight, or in the line; a run that is done it does not change.
      this.tasks.abandon();
    }
    return allSettled(this.results);
  }

  choose(index: number, failedBy: readonly Life[]): number {
    const wish = wishOf(this.coordination.goal, index, this.plan);
    return this.parts.chooser.choose(this.plan.selection, wish, failedBy);
  }

  send({ dispatchId, index, agentId, attempt }: Sending): void {
    const { line } = this.parts;
    // Shortly after an outage agents are not back yet: what is sent now would count them as absent.
    if (!line.reachable) throw new NexusError('unavailable', 'the connection to NATS is down');
    this.exchange.send({ agentId, slot: dispatchId, body: this.write(index, agentId, attempt) });
  }

  mayRetry(): boolean {
    return this.parts.retries.take(this.parts.now());
  }

  onDone(): void {
    this.finish();
  }

  /** Work that has no agent waits for one, but not for ever. */
  onHomeless(isHomeless: boolean): void {
    clearTimeout(this.patience);
    if (isHomeless) this.patience = this.after(homelessPatienceMs, () => this.tasks.giveUpWaiting());
  }

  onSettled({ index, agentId, attempts, outcome }: Settled): void {
    const request = this.coordination.goal.requests[index]!;
    const result: WorkResult = {
      requestId: request.id,
      agentId: (agentId ?? this.nextInTurn(index).agentId) as AgentId,
      attempts,
      ...outcome,
    };
    this.results[index] = result;
    this.coordination.parts.push('results', result);
  }

  private write(index: number, agentId: string, attempt: number): Body {
    const { line, now } = this.parts;
    const { goal, leases } = this.coordination;
    const { payload: own } = goal.requests[index]!;
    const encoding = line.addresses.encodingOf(agentId);
    const letter = { kind: 'task' as const, payload: own === undefined ? goal.payload : own, attempt };
    if (own !== undefined || attempt > 1 || leases !== noLeases) {
      const fencingToken = leases === noLeases ? undefined : leases.tokenOf(agentId);
      return line.write(this.coordination, letter, { encoding, fencingToken });
    }
    // What units share is written once for those that go out together.
    const known = this.common;
    if (known?.body.encoding === encoding && now() - known.writtenAtMs < commonBodyMs) return known.body;
    const body = line.write(this.coordination, letter, { encoding });
    this.common = { body, writtenAtMs: now() };
    return body;
  }

  private receive(dispatchId: number, answer: Answer | Undeliverable): void {
    if (this.tasks.answered(dispatchId, taskAnswerOf(answer)) === 'late') this.parts.line.replies.late += 1;
  }

  /** What it has it finishes; what has not come after a while is lost after all. */
  private awaitFarewell(agentId: string): void {
    const underWay = this.tasks.inFlightAt(agentId);
    if (underWay.length === 0) return;
    this.after(leaveGraceMs, () => {
      for (const dispatchId of underWay) this.tasks.lost(dispatchId);
    });
  }

  /** Whom a unit that nobody ever had would have gone to: `attempts` says that it did not. */
  private nextInTurn(index: number): Route {
    const { agents } = this.coordination.targets;
    return agents[((this.plan.numbers?.first ?? 0) + index) % agents.length]!;
  }

  /** The connection keeps the process up, not a wait: one that has ended must not linger for a deadline. */
  private after(delayMs: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, delayMs).unref();
    this.timers.add(timer);
    return timer;
  }
}

function taskAnswerOf(answer: Answer | Undeliverable): TaskAnswer {
  switch (answer.kind) {
    case 'undeliverable':
      return { kind: 'undeliverable' };
    case 'done':
      return { kind: 'done', data: answer.data, load: answer.load };
    case 'failed': {
      const { code, message, retryAfterMs, load } = answer;
      return { kind: 'failed', code, message, retryAfterMs, load };
    }
  }
}
