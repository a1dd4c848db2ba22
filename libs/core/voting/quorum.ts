import { assert, assertNever } from '@nexus/core/invariant';

/** How many votes one option needs; a number is that many votes. */
export type Quorum = 'majority' | 'two_thirds' | 'unanimous' | number;

/** `impossible`: more votes than there are voters, so no outcome could ever be a decision. */
export type VotesNeeded =
  { kind: 'ok'; votes: number } | { kind: 'impossible'; votes: number; electorate: number };

/**
 * Votes that one option needs out of an electorate. They are counted of all who were asked, not of those who
 * answered: silence must never make a decision easier.
 * @param electorate voters asked, an integer ≥ 0
 */
export function votesNeeded(quorum: Quorum, electorate: number): VotesNeeded {
  assert(Number.isSafeInteger(electorate) && electorate >= 0, 'an electorate is a non-negative integer');
  const votes = Math.max(1, rawVotes(quorum, electorate));
  return votes <= electorate ? { kind: 'ok', votes } : { kind: 'impossible', votes, electorate };
}

function rawVotes(quorum: Quorum, electorate: number): number {
  if (typeof quorum === 'number') {
    assert(Number.isSafeInteger(quorum) && quorum >= 1, 'a quorum in votes is an integer ≥ 1');
    return quorum;
  }
  switch (quorum) {
    case 'majority':
      return Math.floor(electorate / 2) + 1;
    case 'two_thirds':
      return Math.ceil((2 * electorate) / 3);
    case 'unanimous':
      return electorate;
    default:
      return assertNever(quorum);
  }
}
