import { describe, expect, it } from '@jest/globals';
import { type Change as WireChange, type Command as WireCommand } from '@nexus/contracts';
import { Defect } from '@nexus/core/invariant';
import { type Change, type Command, type Proposal, ReplicatedState } from './index.js';

const put: Command = { type: 'put', key: 'k', value: 1 };

describe('ReplicatedState', () => {
  it('takes the commands of the wire, and gives its changes but for the brand of the key', () => {
    const command = (wire: WireCommand): Command => wire;
    const change = (own: Exclude<Change, { kind: 'key' }>): WireChange => own;
    expect([command, change]).toHaveLength(2);
  });

  it('begins empty', () => {
    const state = new ReplicatedState();
    expect([state.clockMs, state.nextExpiryMs, state.appliedIndex]).toEqual([0, null, 0]);
  });

  it.each([-1, NaN, Infinity, 1e300, 0.5])('is not moved to %p by a stamp', (atMs) => {
    const state = new ReplicatedState();
    expect(state.apply({ index: 1, term: 1 }, { atMs, command: put }).outcome.kind).toBe('done');
    expect(state.clockMs).toBe(0);
  });

  it('counts whole milliseconds, and never back', () => {
    const state = new ReplicatedState();
    for (const [at, atMs] of [10.9, 3, 11, 10].entries())
      state.apply({ index: at + 1, term: 1 }, { atMs, command: put });
    expect(state.clockMs).toBe(11);
  });

  it('skips indexes without a proposal, and is never told one twice', () => {
    const state = new ReplicatedState();
    state.apply({ index: 7, term: 2 }, { atMs: 0, command: put });
    expect(state.appliedIndex).toBe(7);
    expect(() => state.apply({ index: 7, term: 2 }, { atMs: 0, command: put })).toThrow(Defect);
  });

  it('stops at a command that it does not know, rather than part from the others', () => {
    const command = { type: 'launch' } as unknown as Command;
    expect(() => new ReplicatedState().apply({ index: 1, term: 1 }, { atMs: 0, command })).toThrow(Defect);
  });

  it('ends what is due when it is told only that time passed', () => {
    const state = new ReplicatedState();
    state.apply(
      { index: 1, term: 1 },
      { atMs: 0, command: { type: 'lease.acquire', resource: 'r', owner: 'o', ttlMs: 100 } },
    );
    state.apply(
      { index: 2, term: 1 },
      { atMs: 0, command: { type: 'campaign', election: 'e', candidate: 'c', ttlMs: 200 } },
    );
    expect(state.nextExpiryMs).toBe(100);
    expect(state.apply({ index: 3, term: 1 }, { atMs: 200, command: { type: 'expire' } })).toEqual({
      outcome: { kind: 'done', index: 3, term: 1, version: 0 },
      changes: [
        { kind: 'lease', index: 3, resource: 'r', owner: null, fencingToken: null },
        { kind: 'election', index: 3, election: 'e', leader: null, fencingToken: null },
      ],
      repeated: false,
    });
    expect(state.nextExpiryMs).toBeNull();
  });

  it('clears a bounded number of what ends together, and holds none of it', () => {
    const state = new ReplicatedState();
    const names = Array.from({ length: 2_100 }, (_, at) => `r${at}`);
    for (const [at, resource] of names.entries())
      state.apply(
        { index: at + 1, term: 1 },
        { atMs: 0, command: { type: 'lease.acquire', resource, owner: 'o', ttlMs: 100 } },
      );
    const apply = (index: number, command: Proposal['command']) =>
      state.apply({ index, term: 1 }, { atMs: 100, command }).changes.length;
    expect(apply(3_001, put)).toBe(33);
    expect(names.map((resource) => state.lease(resource).owner)).toEqual(names.map(() => null));
    expect([state.nextExpiryMs, apply(3_002, { type: 'expire' })]).toEqual([100, 1_000]);
    expect([state.nextExpiryMs, apply(3_003, { type: 'expire' })]).toEqual([100, 1_000]);
    expect([state.nextExpiryMs, apply(3_004, { type: 'expire' })]).toEqual([100, 68]);
    expect(state.nextExpiryMs).toBeNull();
  });

  it('refuses an image of a format that it does not know', () => {
    const image = { ...new ReplicatedState().image(), format: 2 };
    expect(() => ReplicatedState.restore(image)).toThrow(Defect);
  });

  it('refuses an image whose outcomes name a decision that is not there, or not yet', () => {
    const state = new ReplicatedState();
    const command: Command = { type: 'decide', key: 'k', value: 1 };
    state.apply({ index: 1, term: 1 }, { atMs: 0, requestId: 'r', command });
    const { numbers } = state.capture();
    const runs = [...state.capture().runs(1)].reverse();
    expect(() => [...ReplicatedState.restoreInSteps(numbers, runs)]).toThrow(Defect);
    expect(() => ReplicatedState.restore({ ...state.image(), keys: [['k', 1, 1]] })).toThrow(Defect);
  });
});
