import { describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { ClaimReturns, type ReturnedClaim } from './claim-returns.js';

const claim: ReturnedClaim = { user: 'ann', requestId: 'r-1', owner: 'one/1' };

/** A store that does not answer the first calls. */
function storeAwayFor(calls: number) {
  const seen: ReturnedClaim[] = [];
  let back: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (back = resolve));
  const release = async (request: ReturnedClaim) => {
    seen.push(request);
    if (seen.length <= calls) throw new NexusError('unavailable', 'no store');
    back();
  };
  return { seen, answered, release };
}

describe('ClaimReturns', () => {
  it('gives back at once', async () => {
    const store = storeAwayFor(0);
    await new ClaimReturns(store).giveBack(claim);
    expect(store.seen).toEqual([claim]);
  });

  it('keeps nobody waiting while the store is away, and gives back when it answers', async () => {
    const store = storeAwayFor(3);
    await new ClaimReturns(store, 1).giveBack(claim);
    expect(store.seen).toHaveLength(1);
    // The wait of the returns keeps no process up, so the test does.
    const alive = setInterval(() => undefined, 1_000);
    await store.answered;
    clearInterval(alive);
    expect(store.seen).toEqual([claim, claim, claim, claim]);
  });
});
