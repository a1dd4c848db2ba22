import { assert } from '@nexus/core/invariant';

/** What can be voted for. */
export type Option = string | number | boolean;

/** One vote; `null` is an abstention. */
export interface Ballot {
  voter: string;
  option: Option | null;
}

/** `tie`: several options reached the quorum with equally many votes. */
export type Outcome =
  { kind: 'decided'; option: Option; votes: number } | { kind: 'undecided'; reason: 'no_quorum' | 'tie' };

export interface Count {
  /** Votes by the option's text. */
  tally: Map<string, number>;
  outcome: Outcome;
  /** Voters who answered without choosing. */
  abstained: number;
}

/**
 * Counts votes. Options are told apart by their text, and the winner keeps the type of its first vote. The first
 * ballot of a voter counts, an abstention too; further ones of the same voter do not.
 * @param needed votes that decide, from `votesNeeded`; an integer ≥ 1
 */
export function count(votes: Iterable<Ballot>, needed: number): Count {
  assert(Number.isSafeInteger(needed) && needed >= 1, 'a decision needs at least one vote');
  const voters = new Set<string>();
  const tally = new Map<string, number>();
  const options = new Map<string, Option>();
  let abstained = 0;
  for (const { voter, option } of votes) {
    if (voters.has(voter)) continue;
    voters.add(voter);
    if (option === null) {
      abstained++;
      continue;
    }
    const text = String(option);
    if (!options.has(text)) options.set(text, option);
    tally.set(text, (tally.get(text) ?? 0) + 1);
  }
  return { tally, outcome: outcomeOf(tally, options, needed), abstained };
}

function outcomeOf(tally: Map<string, number>, options: Map<string, Option>, needed: number): Outcome {
  const most = [...tally.values()].reduce((greatest, votes) => Math.max(greatest, votes), 0);
  if (most < needed) return { kind: 'undecided', reason: 'no_quorum' };
  const leading = [...options].filter(([text]) => tally.get(text) === most);
  const [winner, ...others] = leading;
  if (winner === undefined || others.length > 0) return { kind: 'undecided', reason: 'tie' };
  return { kind: 'decided', option: winner[1], votes: most };
}
