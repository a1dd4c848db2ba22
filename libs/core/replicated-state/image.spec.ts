import { describe, expect, it } from '@jest/globals';
import { commandDigest } from './command-digest.js';
import { type Command, type Proposal, ReplicatedState, type StateImage } from './index.js';

const session = (seq: number) => ({ clientId: 'c', seq, settledBelow: 1, openedAtIndex: 0 });
const overTheWire = (image: StateImage) => JSON.parse(JSON.stringify(image)) as StateImage;

/** One request of each kind, in a session and with a request id. */
const commands: Command[] = [
  { type: 'put', key: 'k', value: { deep: [1, null] } },
  { type: 'put', key: 'k', value: 2, expectedVersion: 7 },
  { type: 'decide', key: 'd', value: 'the decided value' },
  { type: 'decide', key: 'd', value: 'too late' },
  { type: 'lease.acquire', resource: 'r', owner: 'a', ttlMs: 500 },
  { type: 'lease.acquire', resource: 'r', owner: 'b', ttlMs: 500 },
  { type: 'campaign', election: 'e', candidate: 'a', ttlMs: 300 },
  { type: 'campaign', election: 'e', candidate: 'b', ttlMs: 400 },
  { type: 'resign', election: 'e', candidate: 'a' },
  { type: 'lease.release', resource: 'r', owner: 'a' },
  { type: 'delete', key: 'd' },
];
const proposals: Proposal[] = commands.map((command, at) => ({
  atMs: at * 10,
  session: session(at + 1),
  requestId: `r${at}`,
  command,
}));

function filled(): ReplicatedState {
  const state = new ReplicatedState();
  for (const [at, proposal] of proposals.entries()) state.apply({ index: at + 1, term: 3 }, proposal);
  return state;
}

describe('an image', () => {
  it('R20: restores the outcomes of requests, each as it was', () => {
    const state = filled();
    const restored = ReplicatedState.restore(overTheWire(state.image()));
    for (const [at, proposal] of proposals.entries()) {
      const position = { index: 100 + at, term: 4 };
      const again = restored.apply(position, proposal);
      expect(again.repeated).toBe(true);
      expect(again).toEqual(state.apply(position, proposal));
    }
  });

  it('restores the outcomes of request ids alone too', () => {
    const [state, restored] = [filled(), ReplicatedState.restore(overTheWire(filled().image()))];
    for (const [at, { requestId, atMs, command }] of proposals.entries()) {
      const repeat: Proposal = { atMs, requestId, command };
      const position = { index: 100 + at, term: 4 };
      const again = restored.apply(position, repeat);
      expect(again.repeated).toBe(true);
      expect(again).toEqual(state.apply(position, repeat));
    }
  });

  it('holds a decided value once, however many outcomes answer with it', () => {
    expect(JSON.stringify(filled().image()).split('the decided value')).toHaveLength(2);
  });

  it('is of all there is, in plain arrays', () => {
    const { keys, leases, elections, sessions, requests, ...rest } = filled().image();
    expect(rest).toEqual({
      format: 1,
      appliedIndex: 11,
      clockMs: 100,
      lastFencingToken: 9,
      forgottenIndex: 0,
    });
    expect(keys).toEqual([
      ['k', { deep: [1, null] }, 1],
      ['d', 'the decided value', -3],
    ]);
    expect(leases).toEqual([]);
    expect(elections).toEqual([['e', 9, [['b', 470]]]]);
    expect(sessions).toHaveLength(1);
    expect(requests.map(([requestId]) => requestId)).toEqual(proposals.map(({ requestId }) => requestId));
    expect(requests[5]).toEqual([
      'r5',
      50,
      commandDigest(commands[5]!),
      ['refused', 6, 3, 'conflict', 'the lease is held by another', null, 490],
    ]);
  });

  it('does not change with the state that gave it', () => {
    const state = filled();
    const image = state.image();
    const text = JSON.stringify(image);
    state.apply({ index: 50, term: 4 }, { atMs: 9_000_000, command: { type: 'put', key: 'k', value: 3 } });
    expect(JSON.stringify(image)).toBe(text);
    expect(state.image().sessions).toEqual([]);
  });

  it('is cut into runs of about as many bytes, be they many rows or one', () => {
    const state = new ReplicatedState();
    const values = ['x'.repeat(5_000), ...Array.from({ length: 1_000 }, () => 'small'), 'y'.repeat(5_000)];
    for (const [at, value] of values.entries())
      state.apply({ index: at + 1, term: 1 }, { atMs: 0, command: { type: 'put', key: `k${at}`, value } });
    const lengths = Array.from(state.capture().runs(4_000), ({ rows }) => rows.length);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(1_002);
    expect(lengths[0]).toBe(1);
    expect(Math.max(...lengths)).toBeLessThan(50);
  });
});
