import { type Features, type GoalType, goalTypes } from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';
import { diversityOf } from './diversity.js';
import { type Surroundings } from './surroundings.js';

/** The weight of the latest coordination in the share of success of its type: about the last twenty. */
const recentWeight = 0.05;

/** Sees the situation that a coordination begins in, as the models know it. */
export class Situations {
  private readonly successRates = new Map<GoalType, number>(goalTypes.map((type) => [type, 1]));

  /** @param active coordinations under way */
  constructor(
    private readonly surroundings: Pick<Surroundings, 'latencyMs' | 'load'>,
    private readonly active: () => number,
  ) {}

  featuresOf({ goal, targets, targeted, deadline }: Coordination): Features {
    return {
      agents: targeted,
      diversity: diversityOf(targets.agents),
      complexity: goal.complexity,
      deadlineS: deadline.timeoutMs / 1_000,
      latencyMs: this.surroundings.latencyMs,
      load: this.surroundings.load,
      active: this.active(),
      successRate: this.successRates.get(goal.type)!,
    };
  }

  /** @param success share of the agents, or of the units of work, that did their part */
  note(type: GoalType, success: number): void {
    const before = this.successRates.get(type)!;
    this.successRates.set(type, before + recentWeight * (success - before));
  }
}
