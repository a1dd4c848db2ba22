import { describe, expect, it } from '@jest/globals';
import { type Proposal, ReplicatedState } from '@nexus/core/replicated-state';
import { encodeImage, restoreState, restoreStateAtOnce } from './image-codec.js';
import { decodeProposal, encodeProposal } from './proposal-codec.js';

describe('the codec of proposals', () => {
  it.each<Proposal>([
    { atMs: 12, command: { type: 'expire' } },
    {
      atMs: 2 ** 40,
      requestId: 'r-1',
      command: { type: 'put', key: 'a.b', value: { deep: [1, null, 'é'] } },
    },
    {
      atMs: 0,
      session: { clientId: 'c', seq: 9, settledBelow: 3, openedAtIndex: 0 },
      command: { type: 'lease.acquire', resource: 'r', owner: 'o', ttlMs: 100 },
    },
  ])('reads what it wrote: %j', (proposal) => {
    expect(decodeProposal(encodeProposal(proposal))).toEqual(proposal);
  });

  it('does not guess at a format that it does not know', () => {
    expect(() => decodeProposal(Uint8Array.of(0x95, 0x02, 0x00, 0xc0, 0xc0, 0x80))).toThrow(/newer version/);
  });
});

describe('the codec of images', () => {
  it('writes a state in several steps, and restores it whole', () => {
    const state = new ReplicatedState();
    for (let index = 1; index <= 3_000; index += 1) {
      state.apply(
        { index, term: 1 },
        {
          atMs: index,
          requestId: `r${index}`,
          session: { clientId: `c${index % 7}`, seq: index, settledBelow: 1, openedAtIndex: 0 },
          command: { type: 'put', key: `k${index % 1_200}`, value: index },
        },
      );
    }
    const steps = encodeImage(state.capture());
    let turns = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) turns += 1;
    expect(turns).toBeGreaterThan(5);
    expect(restoreStateAtOnce(step.value).image()).toEqual(state.image());
    expect([...restoreState(step.value)].length).toBe(turns);
  });
});
