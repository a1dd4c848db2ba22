import { assert } from '@nexus/core/invariant';

export interface ExploreInput {
  /** Actions there are, numbered from 0. */
  readonly count: number;
  /** The action that is thought best. */
  readonly greedy: number;
  /** How often an action is drawn by chance, 0 to 1: epsilon. */
  readonly share: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** The actions that may be taken, each once; without it all of them. */
  readonly allowed?: readonly number[];
}

export interface Exploration {
  readonly action: number;
  /** How likely it was that this action is taken, above 0: to be logged with it, or nothing can be learnt from it later. */
  readonly propensity: number;
  /** Whether chance took it and not what was thought best; chance may fall on the same. */
  readonly explored: boolean;
}

/**
 * Takes what is thought best, and now and then what chance says, so that there is something to compare with. Where the best
 * may not be taken, chance decides.
 */
export function explore({ count, greedy, share, random, allowed }: ExploreInput): Exploration {
  assert(Number.isInteger(count) && count >= 1, 'there is an action to take');
  assert(share >= 0 && share <= 1, 'a share lies between 0 and 1');
  assert(allowed === undefined || allowed.length > 0, 'an action may be taken');
  const choices = allowed?.length ?? count;
  const drawn = () => {
    const place = Math.min(choices - 1, Math.floor(random() * choices));
    return allowed?.[place] ?? place;
  };
  if (!(allowed?.includes(greedy) ?? isAction(greedy, count))) {
    return { action: drawn(), propensity: 1 / choices, explored: true };
  }
  const explored = random() < share;
  const action = explored ? drawn() : greedy;
  return { action, propensity: (action === greedy ? 1 - share : 0) + share / choices, explored };
}

const isAction = (action: number, count: number) => Number.isInteger(action) && action >= 0 && action < count;
