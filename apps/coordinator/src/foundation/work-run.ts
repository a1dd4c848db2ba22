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
import { type AgentLine, type Exchange } from '../fleet/agent-line.js';
import { type LoadBalance, type WorkOptions, type WorkPlan } from './work-plan.js';

/** How long agents get to come back too, after our own connection has, in milliseconds: their longest wait and some. */
const reconnectGraceMs = 2_500;

/**
 * Carries out what the dispatcher decides: sends work, hands it the answers, the deaths and the deadline, and collects
 * one result a request.
 */
export class WorkRun {
  private readonly line: AgentLine;
  private readonly dispatcher: Dispatcher;
  private readonly results: (WorkResult | undefined)[];
  private readonly exchange: Exchange;
  /** Sends that wait for the connection to come back. */
  private held: SendEffect[] = [];
  private grace: NodeJS.Timeout | undefined;
  /** Agents that nobody reached, with the version of their row then: a newer one means that they have registered. */
  private readonly absent = new Map<string, number>();
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
    this.exchange = this.line.open(coordination, (dispatchId, answer) => {
      if (answer.kind === 'undeliverable') {
        this.absent.set(answer.agentId, options.fleet.find(answer.agentId)?.version ?? 0);
        this.carryOut(this.dispatcher.undeliverable(dispatchId));
      } else if (answer.kind === 'done') {
        this.carryOut(this.dispatcher.answered(dispatchId, { ok: true, data: answer.data }));
      } else {
        const { code, message } = answer;
        this.carryOut(this.dispatcher.answered(dispatchId, { ok: false, error: { code, message } }));
      }
    });
  }

  /** One result for each request, in order, by the deadline at the latest. */
  async run(): Promise<readonly WorkResult[]> {
    const stops = [
      this.options.fleet.onAgentGone((agentId) => this.carryOut(this.dispatcher.agentGone(agentId))),
      this.options.fleet.onChanged(() => this.welcomeBack()),
      this.line.onReconnected(() => this.awaitAgents()),
    ];
    const done = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    const timer = setTimeout(
      () => this.carryOut(this.dispatcher.expire()),
      this.coordination.deadline.remainingMs,
    ).unref();
    try {
      this.carryOut(this.dispatcher.start());
      await done;
    } finally {
      clearTimeout(timer);
      clearTimeout(this.grace);
      for (const stop of stops) stop();
      this.exchange.close();
    }
    return this.results.map((result) => {
      assert(result, 'every unit of work is settled when the run is done');
      return result;
    });
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
  }

  private send(effect: SendEffect): void {
    if (!this.line.connected || this.grace) {
      this.held.push(effect);
      return;
    }
    const { dispatchId, workIndex, agentId, attempt } = effect;
    const { requests, payload } = this.coordination.goal;
    const body = this.line.encode(
      this.coordination,
      'task',
      requests[workIndex]?.payload ?? payload,
      attempt,
    );
    try {
      this.exchange.send({ agentId, slot: dispatchId, body });
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      this.carryOut(this.dispatcher.answered(dispatchId, { ok: false, error: { code, message } }));
    }
  }

  private capacityOf({ agentId, maxConcurrency }: Route): AgentCapacity {
    return { agentId, window: maxConcurrency ?? this.options.agentWindow };
  }

  /** An agent that could not be reached, and has registered since, gets work again. */
  private welcomeBack(): void {
    for (const [agentId, version] of this.absent) {
      const route = this.options.fleet.find(agentId);
      if (!route || route.version <= version) continue;
      this.absent.delete(agentId);
      this.carryOut(this.dispatcher.agentJoined(this.capacityOf(route)));
    }
  }

  /** Whoever is asked before it has reconnected itself would count as absent. */
  private awaitAgents(): void {
    clearTimeout(this.grace);
    this.grace = setTimeout(() => {
      this.grace = undefined;
      for (const effect of this.held.splice(0)) this.send(effect);
    }, reconnectGraceMs).unref();
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
