import { type Choice, choicesOf, type GoalType, NexusError } from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';
import { type Account, type GoalOf, type Layer, type Pattern, type Patterns } from '../ladder/layer.js';
import { type LoadBalance } from '../patterns/load-balance.js';
import { type BalancedWork } from '../performance/balanced-work.js';
import { type Considering } from './considering.js';

/** What was planned, and by which way. */
interface ChosenPlan<T extends GoalType> {
  readonly way: Pattern<T>;
  readonly inner: unknown;
}

/** One of the ways of the layers below, whichever was chosen for the coordination. */
class ChosenPattern<T extends GoalType> implements Pattern<T, ChosenPlan<T>> {
  readonly strategy = 'performance_optimized';

  constructor(
    private readonly considering: Considering,
    private readonly ways: ReadonlyMap<Choice, Pattern<T>>,
  ) {}

  async plan(coordination: Coordination<GoalOf<T>>): Promise<ChosenPlan<T>> {
    const choice = this.considering.of(coordination).choosing?.choice;
    const way = choice && this.ways.get(choice);
    if (!way)
      throw new NexusError('unavailable', `nothing here serves ${coordination.goal.type} by ${choice}`);
    return { way, inner: await way.plan(coordination) };
  }

  execute(coordination: Coordination<GoalOf<T>>, { way, inner }: ChosenPlan<T>): Promise<unknown> {
    return way.execute(coordination, inner);
  }

  account(
    coordination: Coordination<GoalOf<T>>,
    { way, inner }: ChosenPlan<T>,
    execution: unknown,
  ): Account<T> {
    return { ...way.account(coordination, inner, execution), strategy: way.strategy };
  }
}

export interface IntelligenceLayerOptions {
  readonly considering: Considering;
  /** The layers whose ways are chosen from. */
  readonly below: readonly Layer[];
  readonly work: BalancedWork;
}

/** What the layers below can do, by the way that the model finds best for the situation. */
export function intelligenceLayer({ considering, below, work }: IntelligenceLayerOptions): Layer {
  const chosen = <T extends 'broadcast' | 'gather'>(type: T) =>
    new ChosenPattern<T>(considering, waysOf(type, below));
  return {
    name: 'intelligence',
    declines: (coordination) => considering.of(coordination).choosing?.serving !== true,
    patterns: {
      broadcast: chosen('broadcast'),
      gather: chosen('gather'),
      load_balance: new ChosenPattern(considering, algorithmsOf(work)),
    },
  };
}

/** The ways of the layers below by their strategies. */
function waysOf<T extends GoalType>(type: T, below: readonly Layer[]): Map<Choice, Pattern<T>> {
  const ways = new Map<Choice, Pattern<T>>();
  const all = below.flatMap(({ patterns, byName = [] }): readonly Patterns[] => [patterns, ...byName]);
  for (const patterns of all) {
    const pattern = patterns[type];
    if (pattern) ways.set(pattern.strategy, pattern);
  }
  return ways;
}

/** Work shared out by each of the algorithms. */
function algorithmsOf(work: BalancedWork): Map<Choice, Pattern<'load_balance'>> {
  return new Map(
    choicesOf.load_balance.map((algorithm) => {
      const way: Pattern<'load_balance'> = {
        strategy: work.strategy,
        plan: (coordination: LoadBalance) => work.planBy(coordination, algorithm),
        execute: (coordination, plan) => work.execute(coordination, plan as never),
        account: (coordination, plan, execution) =>
          work.account(coordination, plan as never, execution as never),
      };
      return [algorithm, way];
    }),
  );
}
