/*
 * Round robin over numbers instead of over a cursor: whoever holds number k picks agent k mod n. A counter that hands
 * each number out once, to any number of takers, makes the picks of all takers together one single round robin.
 */
import { assert } from '@nexus/core/invariant';

/** Port: one series of numbers 0, 1, 2 … a target set, each number handed out once across all processes. */
export interface RoundRobinCounter {
  /**
   * Reserves `count` consecutive numbers.
   * @param targetSet a key from `targetSetKey`
   * @param count how many, an integer ≥ 1
   * @returns the first of them
   */
  take(targetSet: string, count: number): Promise<number>;
}

/**
 * The agents that the numbers `first` … `first + count - 1` fall on.
 * @param agentIds the target set, sorted, so that every taker means the same agent by a number; at least one
 * @param first from a `RoundRobinCounter`; an integer from 0 to 2^53 - 1
 * @returns `count` agent ids, in order
 */
export function roundRobin(agentIds: readonly string[], first: number, count: number): string[] {
  const agents = agentIds.length;
  assert(agents >= 1, 'round robin needs at least one agent');
  assert(Number.isSafeInteger(first) && first >= 0, 'a round-robin number is a non-negative safe integer');
  assert(Number.isSafeInteger(count) && count >= 0, 'a count of picks is a non-negative safe integer');
  // Reduced before anything is added: `first + i` could leave the safe integers.
  const start = first % agents;
  const picks = new Array<string>(count);
  for (let i = 0; i < count; i++) picks[i] = agentIds[(start + (i % agents)) % agents]!;
  return picks;
}
