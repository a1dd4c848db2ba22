import {
  type CoordinateReply,
  type Goal,
  type GoalType,
  type LayerName,
  type ResultOf,
  type Status,
  type StrategyName,
} from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';

/** A goal of one type. */
export type GoalOf<T extends GoalType> = Extract<Goal, { type: T }>;

/** What a coordination came to: every targeted agent, or unit of work, exactly once. */
export interface Account<T extends GoalType> {
  readonly status: Status;
  readonly result: ResultOf[T];
  /** What the caller is told of how it was served, beside what every reply says. */
  readonly explain?: Pick<CoordinateReply['explain'], 'balancing' | 'relaying'>;
  /** How it was done, where the pattern has several ways. Default: the pattern's own strategy. */
  readonly strategy?: StrategyName;
}

/**
 * How one layer reaches one type of goal, in three steps. `plan` chooses and sends nothing; `execute` does it, until
 * all is accounted for or the deadline has passed; `account` says what came of it and has no effect.
 */
export interface Pattern<T extends GoalType, Plan = unknown, Execution = unknown> {
  readonly strategy: StrategyName;
  /** @throws NexusError when this layer cannot serve the goal; the next lower one may */
  plan(coordination: Coordination<GoalOf<T>>): Promise<Plan> | Plan;
  execute(coordination: Coordination<GoalOf<T>>, plan: Plan): Promise<Execution>;
  account(coordination: Coordination<GoalOf<T>>, plan: Plan, execution: Execution): Account<T>;
}

/** A pattern for each type of goal that is served. */
export type Patterns = { readonly [T in GoalType]?: Pattern<T> };

/** One rung of the ladder. */
export interface Layer {
  readonly name: LayerName;
  /** How it serves by itself. */
  readonly patterns: Patterns;
  /** Other ways to serve, taken when their strategy is asked for by name. */
  readonly byName?: readonly Patterns[];
  /** Whether it leaves a coordination to the layer below, which is no failure: it has nothing better to offer. */
  declines?(coordination: Coordination): boolean;
}
