import { describe, expect, it } from '@jest/globals';
import { type Proposal, ReplicatedState, type SessionStamp, type StateLimits } from './index.js';

const put = { type: 'put', key: 'k', value: 'unnamed' } as const;

function stateWith(limits: Partial<StateLimits> = {}) {
  const state = new ReplicatedState(limits);
  const send = (requestId: string, atMs = 0, session?: SessionStamp) =>
    state.apply(
      { index: state.appliedIndex + 1, term: 1 },
      { atMs, requestId, session, command: { type: 'put', key: 'k', value: requestId } },
    );
  return { state, send };
}

describe('a request id', () => {
  it('gets the first outcome again for two minutes of the log', () => {
    const { state, send } = stateWith();
    const { outcome } = send('r');
    expect(send('r', 119_999)).toEqual({ outcome, changes: [], repeated: true });
    expect(send('r', 120_000)).toMatchObject({ outcome: { index: 3 }, repeated: false });
    expect(state.key('k').version).toBe(3);
  });

  it('is known through another gateway, whose session knows the outcome from then on', () => {
    const { send } = stateWith();
    const session = (clientId: string) => ({ clientId, seq: 1, settledBelow: 1, openedAtIndex: 0 });
    const { outcome } = send('r', 0, session('a'));
    expect(send('r', 0, session('b'))).toEqual({ outcome, changes: [], repeated: true });
    expect(send('r', 200_000, session('b'))).toEqual({ outcome, changes: [], repeated: true });
  });

  it('is not remembered when its session refused it: nothing was applied', () => {
    const { send } = stateWith();
    const session = { clientId: 'a', seq: 1, settledBelow: 2, openedAtIndex: 0 };
    expect(send('r', 0, session).outcome).toMatchObject({ code: 'stale_repeat' });
    expect(send('r')).toMatchObject({ outcome: { kind: 'done' }, repeated: false });
  });

  it('is refused over another command, which is not applied', () => {
    const { state, send } = stateWith();
    const { outcome } = send('r');
    const other = { type: 'put', key: 'k', value: 'another' } as const;
    const apply = (target: ReplicatedState, index: number) =>
      target.apply({ index, term: 1 }, { atMs: 0, requestId: 'r', command: other });
    const refusal = {
      outcome: {
        kind: 'refused',
        code: 'conflict',
        details: [
          { path: 'requestId' },
          { path: 'requestId.index', message: '1' },
          { path: 'requestId.term', message: '1' },
          { path: 'requestId.version', message: '1' },
        ],
      },
      changes: [],
      repeated: false,
    };
    const restored = ReplicatedState.restore(state.image());
    expect(apply(restored, 2)).toMatchObject(refusal);
    expect(apply(state, 2)).toMatchObject(refusal);
    expect([state.key('k').value, send('r').outcome]).toEqual(['r', outcome]);
  });

  it('tells over another command why the first one was refused, to retries as well', () => {
    const session = { clientId: 'c', seq: 1, settledBelow: 1, openedAtIndex: 0 };
    const state = new ReplicatedState();
    const apply = (target: ReplicatedState, index: number, proposal: Omit<Proposal, 'atMs' | 'requestId'>) =>
      target.apply({ index, term: 1 }, { atMs: 0, requestId: 'r', ...proposal });
    apply(state, 1, { command: { type: 'delete', key: 'k' } });
    const { outcome } = apply(state, 2, { command: put, session });
    expect(outcome).toMatchObject({
      details: [{ path: 'requestId' }, {}, {}, { path: 'requestId.code', message: 'not_found' }],
    });
    const restored = ReplicatedState.restore(state.image());
    expect(apply(restored, 3, { command: put, session })).toEqual({ outcome, changes: [], repeated: true });
  });

  it('is free again after its time, for another command too', () => {
    const { state, send } = stateWith({ expiriesPerCommandMax: 1 });
    for (const requestId of ['a', 'b', 'c']) send(requestId);
    expect(send('c', 120_000).repeated).toBe(false);
    expect(send('c', 120_000).repeated).toBe(true);
    for (let more = 0; more < 5; more++) send('c', 120_000);
    expect(send('c', 120_000).repeated).toBe(true);
    expect(state.image().requests.map(([requestId]) => requestId)).toEqual(['c']);
  });

  it('is refused when there are too many, until the oldest leaves, and never makes one leave', () => {
    const { state, send } = stateWith({ requestIdsMax: 2 });
    send('a', 0);
    send('b', 10);
    const { outcome, changes } = send('c', 20);
    expect(outcome).toMatchObject({ kind: 'refused', code: 'overloaded', retryAfterMs: 119_980 });
    expect(changes).toEqual([]);
    expect([send('a', 20).repeated, send('b', 20).repeated]).toEqual([true, true]);
    expect(state.apply({ index: 50, term: 1 }, { atMs: 20, command: put })).toMatchObject({
      outcome: { kind: 'done' },
    });
    expect(send('c', 120_000)).toMatchObject({ outcome: { kind: 'done' }, repeated: false });
  });

  it('is not remembered over what there was no room for', () => {
    const { state, send } = stateWith({ keysMax: 1 });
    state.apply({ index: 1, term: 1 }, { atMs: 0, command: { type: 'put', key: 'other', value: 1 } });
    expect(send('r').outcome).toMatchObject({ code: 'overloaded' });
    state.apply({ index: 3, term: 1 }, { atMs: 0, command: { type: 'delete', key: 'other' } });
    expect(send('r')).toMatchObject({ outcome: { kind: 'done' }, repeated: false });
    expect(send('r').repeated).toBe(true);
  });

  it('costs no room once thousands came and went, and is found among them', () => {
    const { state, send } = stateWith();
    for (let count = 0; count < 5_000; count++) send(`r${count}`, count * 100);
    const kept = Array.from({ length: 1_200 }, (_, at) => `r${3_800 + at}`);
    expect(state.image().requests.map(([requestId]) => requestId)).toEqual(kept);
    for (const requestId of kept) expect(send(requestId, 499_900).repeated).toBe(true);
  });
});
