import { type Numbers, type Wish } from '@nexus/balancer';
import { type GoalOf } from '../ladder/layer.js';

/** What a unit's agent is chosen by. */
export function wishOf(goal: GoalOf<'load_balance'>, index: number, numbers: Numbers | undefined): Wish {
  const { id, affinity = id } = goal.requests[index]!;
  return {
    algorithm: goal.algorithm,
    affinity,
    node: goal.node,
    number: numbers && numbers.first + index,
  };
}
