import { describe, expect, it } from '@jest/globals';
import { type Command, ReplicatedState, type StateLimits } from './index.js';

function stateWith(limits: Partial<StateLimits> = {}) {
  const state = new ReplicatedState(limits);
  const apply = (atMs: number, command: Command) =>
    state.apply({ index: state.appliedIndex + 1, term: 1 }, { atMs, command });
  return { state, apply };
}

const resource = 'printer';
const acquire = (owner: string, ttlMs = 100): Command => ({ type: 'lease.acquire', resource, owner, ttlMs });
const renew = (owner: string, fencingToken?: number): Command => ({
  type: 'lease.renew',
  resource,
  owner,
  ttlMs: 100,
  fencingToken,
});
const release = (owner: string, fencingToken?: number): Command => ({
  type: 'lease.release',
  resource,
  owner,
  fencingToken,
});
const nobody = { resource, owner: null, fencingToken: null, expiresInMs: null };

describe('a lease', () => {
  it('goes to who asks first, with the index of the entry as token', () => {
    const { state, apply } = stateWith();
    expect(apply(5, acquire('a'))).toEqual({
      outcome: { kind: 'done', index: 1, term: 1, version: 1, fencingToken: 1 },
      changes: [{ kind: 'lease', index: 1, resource, owner: 'a', fencingToken: 1 }],
      repeated: false,
    });
    expect(state.lease(resource)).toEqual({ resource, owner: 'a', fencingToken: 1, expiresInMs: 100 });
    expect(state.nextExpiryMs).toBe(105);
  });

  it('is refused to others while it is held, who learn when it ends and not who holds it', () => {
    const { apply } = stateWith();
    apply(0, acquire('secret'));
    const { outcome, changes } = apply(30, acquire('b'));
    expect(outcome).toMatchObject({ kind: 'refused', code: 'conflict', retryAfterMs: 70 });
    expect(JSON.stringify(outcome)).not.toContain('secret');
    expect(changes).toEqual([]);
  });

  it('ends by the clock of the log, not a millisecond before its time', () => {
    const { state, apply } = stateWith();
    apply(0, acquire('a'));
    apply(99, { type: 'put', key: 'k', value: 1 });
    expect(state.lease(resource)).toMatchObject({ owner: 'a', expiresInMs: 1 });
    expect(apply(100, { type: 'put', key: 'k', value: 2 }).changes[0]).toEqual({
      kind: 'lease',
      index: 3,
      resource,
      owner: null,
      fencingToken: null,
    });
    expect([state.lease(resource), state.nextExpiryMs]).toEqual([nobody, null]);
  });

  it('lives longer, never shorter, when the clock of a new leader is behind', () => {
    const { state, apply } = stateWith();
    apply(1_000, acquire('a'));
    apply(10, { type: 'put', key: 'k', value: 1 });
    expect([state.clockMs, state.lease(resource).expiresInMs]).toEqual([1_000, 100]);
  });

  it('passes in the very entry whose stamp ends it, with a greater token', () => {
    const { apply } = stateWith();
    apply(0, acquire('a'));
    const { outcome, changes } = apply(100, acquire('b'));
    expect(outcome).toMatchObject({ kind: 'done', fencingToken: 2 });
    expect(changes).toMatchObject([{ owner: null }, { owner: 'b', fencingToken: 2 }]);
  });

  it('is renewed by its owner, keeping the token', () => {
    const { state, apply } = stateWith();
    apply(0, acquire('a'));
    const { outcome, changes } = apply(90, renew('a', 1));
    expect([outcome, changes]).toMatchObject([{ kind: 'done', fencingToken: 1 }, []]);
    expect(state.lease(resource).expiresInMs).toBe(100);
  });

  it('gives its owner a new token when it asks anew, so that its former life is fenced off', () => {
    const { state, apply } = stateWith();
    apply(0, acquire('a'));
    expect(apply(50, acquire('a')).outcome).toMatchObject({ kind: 'done', fencingToken: 2 });
    expect(apply(60, renew('a', 1)).outcome).toMatchObject({ code: 'conflict' });
    expect(apply(60, release('a', 1)).outcome).toMatchObject({ code: 'conflict' });
    expect(state.lease(resource)).toMatchObject({ fencingToken: 2, expiresInMs: 90 });
  });

  it('is neither renewed nor released by another, nor once it ended', () => {
    const { apply } = stateWith();
    apply(0, acquire('a'));
    expect(apply(1, renew('b')).outcome).toMatchObject({ code: 'conflict' });
    expect(apply(1, release('b')).outcome).toMatchObject({ code: 'conflict' });
    expect(apply(100, renew('a', 1)).outcome).toMatchObject({ code: 'not_found' });
    expect(apply(100, release('a')).outcome).toMatchObject({ code: 'not_found' });
  });

  it('is free once it is released', () => {
    const { state, apply } = stateWith();
    apply(0, acquire('a'));
    const { outcome, changes } = apply(1, release('a', 1));
    expect(outcome).toEqual({ kind: 'done', index: 2, term: 1, version: 0 });
    expect(changes).toMatchObject([{ owner: null }]);
    expect([state.lease(resource), state.nextExpiryMs]).toEqual([nobody, null]);
    expect(apply(2, acquire('b')).outcome).toMatchObject({ fencingToken: 3 });
  });

  it.each([0, -1, 1.5, NaN, Infinity])('has no time to live of %p', (ttlMs) => {
    const { apply } = stateWith();
    expect(apply(0, acquire('a', ttlMs)).outcome).toMatchObject({ code: 'invalid_argument' });
    expect(apply(0, { type: 'lease.renew', resource, owner: 'a', ttlMs }).outcome).toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('is one of a bounded number; those that there are can be taken again', () => {
    const { apply } = stateWith({ leasesMax: 1 });
    apply(0, acquire('a'));
    const other: Command = { type: 'lease.acquire', resource: 'other', owner: 'a', ttlMs: 100 };
    expect(apply(0, other).outcome).toMatchObject({ code: 'overloaded' });
    expect(apply(0, acquire('a')).outcome).toMatchObject({ kind: 'done' });
    expect(apply(100, other).outcome).toMatchObject({ kind: 'done' });
  });
});

describe('a fence', () => {
  const put = (token: number): Command => ({
    type: 'put',
    key: 'k',
    value: token,
    fence: { resource, token },
  });

  it('stops a holder that slept past the end of its lease', () => {
    const { state, apply } = stateWith();
    apply(0, acquire('sleeper'));
    expect(apply(10, put(1)).outcome).toMatchObject({ kind: 'done' });
    apply(100, acquire('next'));
    expect(apply(101, put(1)).outcome).toMatchObject({
      code: 'conflict',
      details: [{ path: 'command.fence' }],
    });
    expect(apply(102, put(3)).outcome).toMatchObject({ kind: 'done' });
    expect(state.key('k').value).toBe(3);
  });

  it('stops it also when nobody holds the lease, in the very entry that ends it', () => {
    const { apply } = stateWith();
    apply(0, acquire('a'));
    expect(apply(100, put(1)).outcome).toMatchObject({ code: 'conflict' });
  });

  it('guards deletes and decisions too, and comes before all else', () => {
    const { apply } = stateWith();
    apply(0, { type: 'decide', key: 'k', value: 1 });
    const fence = { resource, token: 1 };
    const commands: Command[] = [
      { type: 'delete', key: 'k', fence },
      { type: 'decide', key: 'k', value: 2, fence },
      { type: 'put', key: 'k', value: 2, expectedVersion: 7, fence },
    ];
    for (const command of commands)
      expect(apply(0, command).outcome).toMatchObject({ details: [{ path: 'command.fence' }] });
  });

  it('accepts the token of an office, and no other one', () => {
    const { apply } = stateWith();
    apply(0, { type: 'campaign', election: resource, candidate: 'a', ttlMs: 100 });
    expect(apply(0, put(1)).outcome).toMatchObject({ kind: 'done' });
    expect(apply(0, put(2)).outcome).toMatchObject({ code: 'conflict' });
    expect(apply(100, put(1)).outcome).toMatchObject({ code: 'conflict' });
  });
});
