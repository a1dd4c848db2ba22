import { describe, expect, it } from '@jest/globals';
import { type Command, ReplicatedState, type SessionStamp, type StateLimits } from './index.js';

function stateWith(limits: Partial<StateLimits> = {}) {
  const state = new ReplicatedState(limits);
  const send = (session: SessionStamp, command: Command = { type: 'put', key: 'k', value: 1 }, atMs = 0) =>
    state.apply({ index: state.appliedIndex + 1, term: 1 }, { atMs, session, command });
  return { state, send };
}

const stamp = (clientId: string, seq: number, rest: Partial<SessionStamp> = {}): SessionStamp => ({
  clientId,
  seq,
  settledBelow: 1,
  openedAtIndex: 0,
  ...rest,
});

describe('a session (dissertation, §6.3)', () => {
  it('applies a request once, and answers its retries with the first outcome', () => {
    const { state, send } = stateWith();
    const first = send(stamp('c', 1), { type: 'put', key: 'k', value: 'once', expectedVersion: 0 });
    expect(first.repeated).toBe(false);
    const retry = send(stamp('c', 1), { type: 'put', key: 'k', value: 'once', expectedVersion: 0 });
    expect(retry).toEqual({ outcome: first.outcome, changes: [], repeated: true });
    expect(state.key('k').version).toBe(1);
  });

  it('answers a refusal again too, though the command would succeed by now', () => {
    const { send } = stateWith();
    const command: Command = { type: 'delete', key: 'k' };
    const { outcome } = send(stamp('c', 1), command);
    send(stamp('c', 2));
    expect(send(stamp('c', 1), command)).toEqual({ outcome, changes: [], repeated: true });
  });

  it('is opened by whichever request comes first', () => {
    const { send } = stateWith();
    expect(send(stamp('c', 3)).outcome.kind).toBe('done');
    expect(send(stamp('c', 1))).toMatchObject({ outcome: { kind: 'done' }, repeated: false });
    expect(send(stamp('c', 3)).repeated).toBe(true);
  });

  it('drops what the client has settled, and refuses to hear it again', () => {
    const { state, send } = stateWith();
    send(stamp('c', 1));
    send(stamp('c', 2));
    send(stamp('c', 3, { settledBelow: 3 }));
    expect(send(stamp('c', 1)).outcome).toMatchObject({ kind: 'refused', code: 'stale_repeat' });
    expect(send(stamp('c', 3)).repeated).toBe(true);
    expect(state.key('k').version).toBe(3);
  });

  it('settles a great leap as well', () => {
    const { state, send } = stateWith();
    send(stamp('c', 1));
    send(stamp('c', 2 ** 50, { settledBelow: 2 ** 50 }));
    expect(state.image().sessions[0]?.[4]).toHaveLength(1);
  });

  it('is forgotten when it was idle for too long, and never opened anew by a retry', () => {
    const { state, send } = stateWith({ sessionIdleMs: 100 });
    send(stamp('c', 1), undefined, 0);
    const put: Command = { type: 'put', key: 'other', value: 1 };
    expect(send(stamp('d', 1), put, 99).outcome.kind).toBe('done');
    expect(send(stamp('d', 2), put, 100).outcome.kind).toBe('done');
    for (const seq of [1, 2]) {
      expect(send(stamp('c', seq), undefined, 100).outcome).toMatchObject({
        kind: 'refused',
        code: 'session_unknown',
      });
    }
    expect(state.key('k').version).toBe(1);
    expect(send(stamp('e', 1, { openedAtIndex: 1 }), undefined, 100).outcome.kind).toBe('done');
  });

  it('stays as long as it is used', () => {
    const { send } = stateWith({ sessionIdleMs: 100 });
    for (let seq = 1; seq < 10; seq++)
      expect(send(stamp('c', seq), undefined, seq * 90).outcome.kind).toBe('done');
  });

  it('gives way to a new one when there are too many: the one that was idle longest', () => {
    const { send } = stateWith({ sessionsMax: 2 });
    send(stamp('a', 1));
    send(stamp('b', 1));
    send(stamp('a', 2));
    send(stamp('c', 1));
    expect(send(stamp('a', 1)).repeated).toBe(true);
    expect(send(stamp('c', 1)).repeated).toBe(true);
    expect(send(stamp('b', 1)).outcome).toMatchObject({ code: 'session_unknown' });
  });

  it('refuses a new one that may be an old one, until it shows that it is younger', () => {
    const { state, send } = stateWith({ sessionsMax: 1 });
    send(stamp('a', 1));
    send(stamp('b', 1));
    const { outcome } = send(stamp('c', 1));
    expect(outcome).toMatchObject({ code: 'session_unknown', index: 3 });
    expect(send(stamp('d', 1, { openedAtIndex: outcome.index })).outcome.kind).toBe('done');
    expect(state.image().forgottenIndex).toBe(2);
  });

  it('counts its oldest outcome as settled when it keeps too many', () => {
    const { state, send } = stateWith({ outcomesPerSessionMax: 2 });
    for (const seq of [1, 2, 3]) send(stamp('c', seq));
    expect(send(stamp('c', 1)).outcome).toMatchObject({ code: 'stale_repeat' });
    for (const seq of [2, 3]) expect(send(stamp('c', seq)).repeated).toBe(true);
    expect(state.key('k').version).toBe(3);
  });

  it('gives way when all sessions together keep too many outcomes', () => {
    const { send } = stateWith({ sessionOutcomesMax: 3 });
    for (const seq of [1, 2]) send(stamp('a', seq));
    for (const seq of [1, 2]) send(stamp('b', seq));
    expect(send(stamp('a', 1)).outcome).toMatchObject({ code: 'session_unknown' });
    expect(send(stamp('b', 1)).repeated).toBe(true);
  });

  it('makes room by what it settles, and by being forgotten', () => {
    const { send } = stateWith({ sessionOutcomesMax: 4, sessionsMax: 2 });
    for (const seq of [1, 2]) send(stamp('a', seq));
    for (const seq of [1, 2]) send(stamp('b', seq));
    for (const seq of [1, 2]) send(stamp('c', seq));
    for (let seq = 3; seq < 20; seq++) send(stamp('c', seq, { settledBelow: seq - 1 }));
    expect(send(stamp('b', 1)).repeated).toBe(true);
    expect(send(stamp('a', 1)).outcome).toMatchObject({ code: 'session_unknown' });
  });

  it.each([
    { seq: 0 },
    { seq: 1.5 },
    { seq: NaN },
    { settledBelow: Infinity },
    { openedAtIndex: 1 },
    { openedAtIndex: NaN },
  ])('is refused with %j', (rest) => {
    const { state, send } = stateWith();
    expect(send({ ...stamp('c', 1), ...rest }).outcome).toMatchObject({ code: 'invalid_argument' });
    expect([state.image().sessions, state.key('k').version]).toEqual([[], 0]);
  });
});
