import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { count, votesNeeded, type Ballot, type Option } from './index.js';

const ballots = (...options: (Option | null)[]): Ballot[] =>
  options.map((option, index) => ({ voter: `voter-${index}`, option }));

describe('votesNeeded', () => {
  it.each([
    ['majority', 1, 1],
    ['majority', 4, 3],
    ['majority', 5, 3],
    ['two_thirds', 3, 2],
    ['two_thirds', 4, 3],
    ['unanimous', 7, 7],
    [2, 5, 2],
  ] as const)('of %s among %i is %i', (quorum, electorate, votes) => {
    expect(votesNeeded(quorum, electorate)).toEqual({ kind: 'ok', votes });
  });

  it('is impossible when more votes are asked than there are voters', () => {
    expect(votesNeeded(6, 5)).toEqual({ kind: 'impossible', votes: 6, electorate: 5 });
    for (const quorum of ['majority', 'two_thirds', 'unanimous'] as const) {
      expect(votesNeeded(quorum, 0)).toMatchObject({ kind: 'impossible' });
    }
  });

  it('makes any two majorities share a voter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom('majority', 'unanimous'),
        (n, quorum) => {
          const needed = votesNeeded(quorum, n);
          expect(needed.kind === 'ok' && needed.votes * 2 > n && needed.votes <= n).toBe(true);
        },
      ),
    );
  });
});

describe('count', () => {
  it('decides for the option that reaches the quorum, and keeps its type', () => {
    expect(count(ballots(true, true, false), 2).outcome).toEqual({ kind: 'decided', option: true, votes: 2 });
    expect(count(ballots(7, 7), 2).outcome).toEqual({ kind: 'decided', option: 7, votes: 2 });
  });

  it('leaves it undecided without a quorum, and counts the dissent all the same', () => {
    const { tally, outcome, abstained } = count(ballots('a', 'b', null), 2);
    expect([...tally]).toEqual([['a', 1], ['b', 1]]); // prettier-ignore
    expect(outcome).toEqual({ kind: 'undecided', reason: 'no_quorum' });
    expect(abstained).toBe(1);
  });

  it('lets the one with most votes win when several reach the quorum, and none on a tie', () => {
    expect(count(ballots('a', 'b', 'b', 'a', 'b'), 2).outcome).toMatchObject({ option: 'b', votes: 3 });
    expect(count(ballots('a', 'b', 'b', 'a'), 2).outcome).toEqual({ kind: 'undecided', reason: 'tie' });
  });

  it('counts the first ballot of a voter only, an abstention too', () => {
    const twice = (...options: (Option | null)[]) => options.map((option) => ({ voter: 'same', option }));
    expect([...count(twice('a', 'b', 'a'), 1).tally]).toEqual([['a', 1]]);
    expect(count(twice(null, 'a'), 1)).toMatchObject({ abstained: 1, outcome: { kind: 'undecided' } });
  });

  it('treats names of object internals as the plain texts they are', () => {
    const { tally, outcome } = count(ballots('__proto__', '__proto__', 'constructor'), 2);
    expect(outcome).toEqual({ kind: 'decided', option: '__proto__', votes: 2 });
    expect(tally.get('constructor')).toBe(1);
  });

  it('accounts for every voter once, decides alike in any order, and only with the votes it needs', () => {
    const option = fc.constantFrom<Option | null>('a', 'b', 1, true, '__proto__', null);
    const votes = fc.array(option, { maxLength: 30 }).map((options) => ballots(...options));
    fc.assert(
      fc.property(
        votes,
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.nat()),
        (cast, needed, keys) => {
          const { tally, outcome, abstained } = count(cast, needed);
          const counted = [...tally.values()].reduce((sum, n) => sum + n, 0);
          expect(counted + abstained).toBe(cast.length);
          if (outcome.kind === 'decided') {
            expect(outcome.votes).toBeGreaterThanOrEqual(needed);
            expect(tally.get(String(outcome.option))).toBe(outcome.votes);
            expect([...tally.values()].filter((n) => n >= outcome.votes)).toHaveLength(1);
          }
          const shuffled = cast.map((ballot) => ({ ballot, key: keys.next().value as number }));
          shuffled.sort((a, b) => a.key - b.key);
          expect(count(shuffled.map(({ ballot }) => ballot), needed).outcome).toEqual(outcome); // prettier-ignore
        },
      ),
    );
  });
});
