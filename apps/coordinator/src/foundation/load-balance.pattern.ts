import { type AgentId, type Assignment, notInThisBuild } from '@nexus/contracts';
import { roundRobin, targetSetKey } from '@nexus/core/balancing';
import { assignable } from '@nexus/core/route-table';
import { targetSetOf } from '@nexus/routes';
import { type Account, type Pattern } from '../ladder/layer.js';
import { statusOf } from '../patterns/accounting.js';
import { type LoadBalance, nobodyRegistered } from '../patterns/load-balance.js';
import { type WorkDone, type WorkOptions, type WorkPlan } from './work-plan.js';
import { WorkRun } from './work-run.js';

/** Round robin over the target set by one counter for all coordinators, so that together they are even. */
export class LoadBalancePattern implements Pattern<'load_balance', WorkPlan, WorkDone> {
  readonly strategy = 'foundation';

  constructor(private readonly options: WorkOptions) {}

  async plan(coordination: LoadBalance): Promise<WorkPlan> {
    const { goal, targets } = coordination;
    if (goal.algorithm !== 'round_robin') {
      throw notInThisBuild('goal.algorithm', `algorithm ${goal.algorithm}`, 'use round_robin');
    }
    const agents = assignable(targets.agents);
    if (agents.length === 0) throw nobodyRegistered(targets);
    // A payload that units share is refused once, and not written anew for each of them only to be refused.
    if (goal.dispatch && goal.requests.some(({ payload }) => payload === undefined)) {
      this.options.line.writer(coordination, { kind: 'task', payload: goal.payload });
    }
    const first = await this.options.counter.take(
      targetSetKey(targetSetOf(targets.selector)),
      goal.requests.length,
    );
    const ids = agents.map(({ agentId }) => agentId);
    return { agents, assignments: roundRobin(ids, first, goal.requests.length) };
  }

  async execute(coordination: LoadBalance, plan: WorkPlan): Promise<WorkDone> {
    if (!coordination.goal.dispatch) return { assignments: plan.assignments };
    const results = await new WorkRun(coordination, plan, this.options).run();
    return { assignments: results.map(({ agentId }) => agentId), results };
  }

  account(
    { goal }: LoadBalance,
    _plan: WorkPlan,
    { assignments, results }: WorkDone,
  ): Account<'load_balance'> {
    const assigned: Assignment[] = goal.requests.map(({ id }, index) => ({
      requestId: id,
      agentId: assignments[index] as AgentId,
    }));
    if (!results) return { status: 'complete', result: { assignments: assigned } };
    return {
      status: statusOf({ done: results.filter(({ ok }) => ok).length, of: results.length }),
      result: { assignments: assigned, results: [...results] },
    };
  }
}
