import { describe, expect, it } from '@jest/globals';
import { type Command, ReplicatedState, type StateLimits } from './index.js';

function stateWith(limits: Partial<StateLimits> = {}) {
  const state = new ReplicatedState(limits);
  const apply = (atMs: number, command: Command) =>
    state.apply({ index: state.appliedIndex + 1, term: 1 }, { atMs, command });
  return { state, apply };
}

const election = 'duties';
const campaign = (candidate: string, ttlMs = 100): Command => ({
  type: 'campaign',
  election,
  candidate,
  ttlMs,
});
const resign = (candidate: string): Command => ({ type: 'resign', election, candidate });
const empty = { election, leader: null, fencingToken: null, expiresInMs: null, waiting: [] };

describe('an election', () => {
  it('gives the office to the first candidate, and lets the others wait', () => {
    const { state, apply } = stateWith();
    expect(apply(0, campaign('a'))).toEqual({
      outcome: { kind: 'done', index: 1, term: 1, version: 1, value: 'a', fencingToken: 1 },
      changes: [{ kind: 'election', index: 1, election, leader: 'a', fencingToken: 1 }],
      repeated: false,
    });
    expect(apply(0, campaign('b'))).toEqual({
      outcome: { kind: 'done', index: 2, term: 1, version: 2, value: 'a' },
      changes: [],
      repeated: false,
    });
    apply(0, campaign('c'));
    expect(state.election(election)).toMatchObject({ leader: 'a', waiting: ['b', 'c'] });
  });

  it('keeps the leader, its token and the order of who waits when all campaign again', () => {
    const { state, apply } = stateWith();
    for (const candidate of ['a', 'b', 'c', 'c', 'b', 'a']) apply(50, campaign(candidate));
    expect(state.election(election)).toEqual({
      election,
      leader: 'a',
      fencingToken: 1,
      expiresInMs: 100,
      waiting: ['b', 'c'],
    });
  });

  it('passes the office to the first who is still alive, with a new token', () => {
    const { state, apply } = stateWith();
    apply(0, campaign('a', 100));
    apply(0, campaign('dead', 100));
    apply(0, campaign('c', 300));
    apply(0, campaign('d', 200));
    const { changes } = apply(150, { type: 'put', key: 'k', value: 1 });
    expect(changes[0]).toEqual({ kind: 'election', index: 5, election, leader: 'c', fencingToken: 5 });
    expect(state.election(election)).toMatchObject({ leader: 'c', expiresInMs: 150, waiting: ['d'] });
    expect(state.nextExpiryMs).toBe(200);
  });

  it('is empty when nobody is alive, and begins anew', () => {
    const { state, apply } = stateWith();
    apply(0, campaign('a'));
    apply(0, campaign('b'));
    expect(apply(100, campaign('c')).changes).toMatchObject([{ leader: null }, { leader: 'c' }]);
    apply(200, { type: 'put', key: 'k', value: 1 });
    expect([state.election(election), state.nextExpiryMs]).toEqual([empty, null]);
  });

  it('passes on at once when the leader resigns', () => {
    const { state, apply } = stateWith();
    apply(0, campaign('a'));
    apply(0, campaign('b'));
    const { outcome, changes } = apply(0, resign('a'));
    expect(outcome).toEqual({ kind: 'done', index: 3, term: 1, version: 3, value: 'b' });
    expect(changes).toMatchObject([{ leader: 'b', fencingToken: 3 }]);
    expect(apply(0, resign('b'))).toMatchObject({ outcome: { value: null }, changes: [{ leader: null }] });
    expect(state.election(election)).toEqual(empty);
  });

  it('lets a candidate stop waiting, and stand again at the end', () => {
    const { state, apply } = stateWith();
    for (const candidate of ['a', 'b', 'c']) apply(0, campaign(candidate));
    expect(apply(0, resign('b'))).toMatchObject({ outcome: { value: 'a' }, changes: [] });
    apply(0, campaign('b'));
    expect(state.election(election).waiting).toEqual(['c', 'b']);
  });

  it('refuses the resignation of who is no candidate', () => {
    const { apply } = stateWith();
    expect(apply(0, resign('a')).outcome).toMatchObject({ code: 'not_found' });
    apply(0, campaign('a'));
    expect(apply(0, resign('b')).outcome).toMatchObject({ code: 'not_found' });
    expect(apply(100, resign('a')).outcome).toMatchObject({ code: 'not_found' });
  });

  it('gives a greater token each time, even when one entry passes the office twice', () => {
    const { apply } = stateWith();
    apply(0, campaign('a', 100));
    apply(0, campaign('b', 500));
    apply(0, campaign('c', 500));
    expect(apply(100, resign('b')).changes).toMatchObject([
      { leader: 'b', fencingToken: 4 },
      { leader: 'c', fencingToken: 5 },
    ]);
    apply(100, { type: 'lease.release', resource: 'none', owner: 'x' });
    expect(apply(100, { type: 'lease.acquire', resource: 'r', owner: 'x', ttlMs: 1 }).outcome).toMatchObject({
      fencingToken: 6,
    });
  });

  it('bounds who waits for one office, and all candidates', () => {
    const { apply } = stateWith({ waitingPerElectionMax: 1, candidaciesMax: 3 });
    apply(0, campaign('a'));
    apply(0, campaign('b'));
    expect(apply(0, campaign('c')).outcome).toMatchObject({ code: 'overloaded' });
    const elsewhere = (name: string): Command => ({ ...campaign('a'), election: name }) as Command;
    expect(apply(0, elsewhere('x')).outcome).toMatchObject({ kind: 'done' });
    expect(apply(0, elsewhere('y')).outcome).toMatchObject({ code: 'overloaded' });
    expect(apply(0, campaign('b')).outcome).toMatchObject({ kind: 'done' });
  });

  it('is led by nobody between the end of an office and its passing on, which a command brings about', () => {
    const { state, apply } = stateWith({ expiriesPerCommandMax: 0 });
    apply(0, campaign('a', 100));
    apply(0, campaign('dead', 100));
    apply(0, campaign('c', 300));
    const put = (token: number): Command => ({
      type: 'put',
      key: 'k',
      value: 1,
      fence: { resource: election, token },
    });
    expect(apply(100, put(1))).toMatchObject({ outcome: { code: 'conflict' }, changes: [] });
    expect(state.election(election)).toEqual({ ...empty, waiting: ['c'] });
    expect(state.nextExpiryMs).toBe(100);
    expect(apply(100, campaign('dead')).changes).toEqual([
      { kind: 'election', index: 5, election, leader: 'c', fencingToken: 5 },
    ]);
    expect(state.election(election)).toMatchObject({ leader: 'c', waiting: ['dead'] });
  });

  it('keeps no place for who waited and is over', () => {
    const { state, apply } = stateWith({ expiriesPerCommandMax: 0, waitingPerElectionMax: 2 });
    apply(0, campaign('a', 500));
    for (const candidate of ['b', 'c']) apply(0, campaign(candidate, 100));
    expect(apply(99, campaign('d')).outcome).toMatchObject({ code: 'overloaded' });
    for (const candidate of ['d', 'b']) apply(100, campaign(candidate, 100));
    expect(state.election(election)).toMatchObject({ leader: 'a', waiting: ['d', 'b'] });
  });

  it('knows no candidacy without a time to live', () => {
    expect(stateWith().apply(0, campaign('a', 0)).outcome).toMatchObject({ code: 'invalid_argument' });
  });
});
