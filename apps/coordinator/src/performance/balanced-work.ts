import { type AgentId, type AlgorithmName, type WorkResult } from '@nexus/contracts';
import { assign, type Numbers } from '@nexus/balancer';
import { type TargetSet, targetSetKey } from '@nexus/core/balancing';
import { targetSetOf } from '@nexus/routes';
import { noLeases } from '../coordination/agent-leases.js';
import { type Account, type Pattern } from '../ladder/layer.js';
import { statusOf } from '../patterns/accounting.js';
import { type LoadBalance, nobodyRegistered } from '../patterns/load-balance.js';
import { type BalancedPlan, type BalancedWorkParts } from './balanced-plan.js';
import { wishOf } from './wish.js';
import { WorkFlow } from './work-flow.js';

export interface BalancedDone {
  /** The agent of each unit, in their order. */
  readonly assigned: readonly string[];
  readonly results?: readonly WorkResult[];
}

/**
 * Gives each unit to an agent that has room, chosen by what is known of the load of all, at the moment in which it is
 * sent: nothing waits for a busy agent while another is idle.
 */
export class BalancedWork implements Pattern<'load_balance', BalancedPlan, BalancedDone> {
  readonly strategy = 'performance_optimized';

  constructor(private readonly parts: BalancedWorkParts) {}

  /** Without a model, which is for the layer above to have, `adaptive` means by what is known of the load. */
  plan(coordination: LoadBalance): BalancedPlan | Promise<BalancedPlan> {
    const { algorithm } = coordination.goal;
    return this.planBy(coordination, algorithm === 'adaptive' ? 'resource_aware' : algorithm);
  }

  /** As `plan`, by this algorithm, whatever the goal names. */
  planBy(coordination: LoadBalance, algorithm: AlgorithmName): BalancedPlan | Promise<BalancedPlan> {
    const { goal, targets } = coordination;
    if (targets.agents.length === 0) throw nobodyRegistered(targets);
    // A payload that units share is refused once, and not written anew for each of them only to be refused.
    if (goal.dispatch && goal.requests.length > 1 && goal.payload !== undefined) {
      this.parts.line.write(coordination, { kind: 'task', payload: goal.payload }, { encoding: 'json' });
    }
    if (algorithm !== 'round_robin') return this.planWith(coordination, algorithm, undefined);
    const series = targetSetKey(targetSetOf(targets.selector));
    const numbers = this.parts.numbers.take(series, goal.requests.length);
    return numbers instanceof Promise
      ? numbers.then((taken) => this.planWith(coordination, algorithm, taken))
      : this.planWith(coordination, algorithm, numbers);
  }

  async execute(coordination: LoadBalance, plan: BalancedPlan): Promise<BalancedDone> {
    try {
      if (!coordination.goal.dispatch) return { assigned: this.assign(coordination, plan) };
      const results = await new WorkFlow(coordination, plan, this.parts).run();
      return { assigned: results.map(({ agentId }) => agentId), results };
    } finally {
      this.parts.loads.release(plan.selection);
    }
  }

  private planWith(
    coordination: LoadBalance,
    algorithm: AlgorithmName,
    numbers: Numbers | undefined,
  ): BalancedPlan {
    return { algorithm, selection: this.parts.loads.select(targetSetFor(coordination)), numbers };
  }

  private assign({ goal }: LoadBalance, plan: BalancedPlan): string[] {
    const { loads, chooser, now } = this.parts;
    const count = goal.requests.length;
    return assign({
      ...{ loads, chooser, selection: plan.selection, count, now },
      wishOf: (index) => wishOf(goal, index, plan),
    });
  }

  account(
    { goal }: LoadBalance,
    { algorithm, selection, numbers }: BalancedPlan,
    { assigned, results }: BalancedDone,
  ): Account<'load_balance'> {
    const assignments = goal.requests.map(({ id }, index) => ({
      requestId: id,
      agentId: assigned[index] as AgentId,
    }));
    const explain = {
      balancing: {
        algorithm,
        agents: selection.size,
        ...(numbers && { numbers: numbers.shared ? ('shared' as const) : ('own' as const) }),
      },
    };
    if (!results) return { status: 'complete', result: { assignments }, explain };
    return {
      status: statusOf({ done: results.filter(({ ok }) => ok).length, of: results.length }),
      result: { assignments, results: [...results] },
      explain,
    };
  }
}

/** An exclusive request holds leases on the agents that were there when it began, and on no others. */
function targetSetFor({ leases, targets }: LoadBalance): TargetSet {
  if (leases === noLeases) return targetSetOf(targets.selector);
  return { kind: 'ids', ids: targets.agents.map(({ agentId }) => agentId) };
}
