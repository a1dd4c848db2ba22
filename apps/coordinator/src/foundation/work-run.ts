import { type AgentId, type ErrorCode, NexusError, type Route, type WorkResult } from '@nexus/contracts';
import {
  type AgentCapacity,
  type DispatchEffect,
  Dispatcher,
  type SendEffect,
  type SettledEffect,
} from '@nexus/core/dispatch';
import { assert, assertNever } from '@nexus/core/invariant';
import { RetryBudget } from '@nexus/core/resilience';
import { type Answer } from '@nexus/wire';
import { type AgentLine, type Exchange, type Undeliverable } from '../fleet/agent-line.js';
import { Crew } from './crew.js';
import { allSettled, type LoadBalance } from '../patterns/load-balance.js';
import { type WorkOptions, type WorkPlan } from './work-plan.js';

/** How long an agent that said goodbye may take to finish, in milliseconds: the SDK's own drain, and some. */
const leaveGraceMs = 6_000;
/** How long work waits for an agent when none is there, in milliseconds: a killed agent's id is free by then. */
const homelessPatienceMs = 6_000;

/**
 * Carries out what the dispatcher decides: sends work, hands it the answers, the comings and goings and the deadline,
 * and collects one result a request.
 */
export class WorkRun {
  private readonly line: AgentLine;
  private readonly dispatcher: Dispatcher;
  private readonly crew: Crew;
  private readonly exchange: Exchange;
  private readonly results: (WorkResult | undefined)[];
  /** Sends that wait until agents can be reached, by dispatch. */
  private readonly held = new Map<number, SendEffect>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private patience: NodeJS.Timeout | undefined;
  private finish: () => void = () => undefined;

  constructor(
    private readonly coordination: LoadBalance,
    plan: WorkPlan,
    private readonly options: WorkOptions,
  ) {
    const { requests } = coordination.goal;
    this.line = options.line;
    this.results = new Array<WorkResult | undefined>(requests.length).fill(undefined);
    this.dispatcher = new Dispatcher({
      assignments: plan.assignments,
      agents: plan.agents.map((agent) => this.capacityOf(agent)),
      retryBudget: new RetryBudget({ requests: requests.length }),
    });
    this.crew = new Crew(options.fleet, coordination.targets, {
      left: (agentId) => this.onLeft(agentId),
      gone: (agentId) => this.onGone(agentId),
      joined: (route) => this.carryOut(this.dispatcher.agentJoined(this.capacityOf(route))),
    });
    this.exchange = this.line.open(coordination, (dispatchId, answer) => this.onAnswer(dispatchId, answer));
  }

  /** One result for each request, in order, by the deadline at the latest. */
  async run(): Promise<readonly WorkResult[]> {
    const done = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    this.crew.watch();
    const stopListening = this.line.onReachable(() => this.sendHeld());
    this.after(this.coordination.deadline.remainingMs, () => this.carryOut(this.dispatcher.expire()));
    try {
      this.carryOut(this.dispatcher.start());
      await done;
    } finally {
      for (const timer of this.timers) clearTimeout(timer);
      stopListening();
      this.crew.stop();
      this.exchange.close();
    }
    return allSettled(this.results);
  }

  private onAnswer(dispatchId: number, answer: Answer | Undeliverable): void {
    switch (answer.kind) {
      case 'undeliverable':
        this.crew.unreachable(answer.agentId);
        this.carryOut(this.dispatcher.undeliverable(dispatchId));
        break;
      case 'done':
        this.carryOut(this.dispatcher.answered(dispatchId, { ok: true, data: answer.data }));
        break;
      case 'failed': {
        const { code, message } = answer;
        this.carryOut(this.dispatcher.answered(dispatchId, { ok: false, error: { code, message } }));
        break;
      }
      default:
        assertNever(answer);
    }
  }

  /** What it has it finishes; what has not come after a while is lost after all. */
  private onLeft(agentId: string): void {
    this.withdrawHeld(agentId);
    const underWay = this.dispatcher.inFlightAt(agentId);
    this.carryOut(this.dispatcher.agentLeft(agentId));
    if (underWay.length === 0) return;
    this.after(leaveGraceMs, () => {
      for (const dispatchId of underWay) this.carryOut(this.dispatcher.lost(dispatchId));
    });
  }

  private onGone(agentId: string): void {
    this.withdrawHeld(agentId);
    this.carryOut(this.dispatcher.agentGone(agentId));
  }

  /** What was never sent has not been tried. */
  private withdrawHeld(agentId: string): void {
    for (const [dispatchId, effect] of this.held) {
      if (effect.agentId !== agentId) continue;
      this.held.delete(dispatchId);
      this.carryOut(this.dispatcher.undeliverable(dispatchId));
    }
  }

  private carryOut(effects: readonly DispatchEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.send(effect);
          break;
        case 'settled':
          this.settle(effect);
          break;
        case 'late':
          this.line.replies.late += 1;
          break;
        case 'done':
          this.finish();
          break;
        default:
          assertNever(effect);
      }
    }
    this.watchHomeless();
  }

  /** Work that has no agent waits for one, but not for ever. */
  private watchHomeless(): void {
    if (this.dispatcher.homelessCount === 0) {
      clearTimeout(this.patience);
      this.patience = undefined;
      this.crew.recruiting = false;
      return;
    }
    if (this.patience) return;
    this.patience = this.after(homelessPatienceMs, () => this.carryOut(this.dispatcher.giveUpOnHomeless()));
    // On an agent that was not there at the start an exclusive request holds no lease.
    if (this.coordination.request.exclusive) return;
    this.crew.recruiting = true;
    this.crew.recruit();
  }

  private send(effect: SendEffect): void {
    if (!this.line.reachable) {
      this.held.set(effect.dispatchId, effect);
      return;
    }
    const { dispatchId, workIndex, agentId, attempt } = effect;
    const { requests, payload: common } = this.coordination.goal;
    const own = requests[workIndex]?.payload;
    try {
      const payload = own === undefined ? common : own;
      const bodyFor = this.line.writer(this.coordination, { kind: 'task', payload, attempt });
      this.exchange.send({ agentId, slot: dispatchId, body: bodyFor(agentId) });
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      this.carryOut(this.dispatcher.answered(dispatchId, { ok: false, error: { code, message } }));
    }
  }

  private sendHeld(): void {
    const waiting = [...this.held.values()];
    this.held.clear();
    for (const effect of waiting) {
      // An agent that was given up has answered meanwhile: to send its work again would run it twice.
      if (this.results[effect.workIndex]) this.carryOut(this.dispatcher.lost(effect.dispatchId));
      else this.send(effect);
    }
  }

  private capacityOf({ agentId, maxConcurrency }: Route): AgentCapacity {
    return { agentId, window: maxConcurrency ?? this.options.agentWindow };
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

  private settle(effect: SettledEffect): void {
    const request = this.coordination.goal.requests[effect.workIndex];
    assert(request, 'a settled unit is one of the request');
    const result: WorkResult = {
      requestId: request.id,
      agentId: effect.agentId as AgentId,
      attempts: effect.attempts,
      ...(effect.ok
        ? { ok: true, data: effect.data }
        : { ok: false, error: { code: effect.error.code as ErrorCode, message: effect.error.message } }),
    };
    this.results[effect.workIndex] = result;
    this.coordination.parts.push('results', result);
  }
}
