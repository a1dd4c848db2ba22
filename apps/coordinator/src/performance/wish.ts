import { type Wish } from '@nexus/balancer';
import { type GoalOf } from '../ladder/layer.js';
import { type BalancedPlan } from './balanced-plan.js';

/** What a unit's agent is chosen by. */
export function wishOf(
  goal: GoalOf<'load_balance'>,
  index: number,
  { algorithm, numbers }: BalancedPlan,
): Wish {
  const { id, affinity = id } = goal.requests[index]!;
  return {
    algorithm,
    affinity,
    node: goal.node,
    number: numbers && numbers.first + index,
  };
}
