import { describe, expect, it } from '@jest/globals';
import { ReplicatedState, type SessionStamp, type StateLimits } from './index.js';

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

  it('gives way to newer ones when there are too many, the oldest first', () => {
    const { state, send } = stateWith({ requestIdsMax: 2 });
    for (const requestId of ['a', 'b', 'c']) send(requestId);
    expect([send('b').repeated, send('c').repeated, send('a').repeated]).toEqual([true, true, false]);
    expect(state.image().requests.map(([requestId]) => requestId)).toEqual(['c', 'a']);
  });

  it('costs no room once thousands came and went', () => {
    const { state, send } = stateWith({ requestIdsMax: 10 });
    for (let count = 0; count < 5_000; count++) send(`r${count}`);
    expect(state.image().requests.map(([requestId]) => requestId)).toEqual(
      Array.from({ length: 10 }, (_, at) => `r${4_990 + at}`),
    );
    expect(send('r4995').repeated).toBe(true);
  });
});
