import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsensusGroup } from './consensus-group.js';

let group: ConsensusGroup;
afterEach(() => group.stop());

describe('a leader that is asked to end', () => {
  it('leaves no request without an answer, its own or forwarded to it', async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    const ended = await group.leader();
    const { term } = await group.status();
    let stopping = true;
    const ask = async (lane: number) => {
      let asked = 0;
      for (; stopping; asked += 1) await group.propose({ type: 'put', key: `n.${lane}`, value: asked });
      return asked;
    };
    const lanes = Array.from({ length: 16 }, (_, lane) => ask(lane));
    await group.stopReplica(ended);
    stopping = false;
    const counts = await Promise.all(lanes);
    const after = await group.settled(2);
    expect(after.leader).not.toBe(ended);
    // Handed over: nobody had to notice that it is gone.
    expect(after.term).toBe(term + 1);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    for (const [lane, asked] of counts.entries()) {
      expect(await group.read({ key: `n.${lane}` })).toMatchObject({ value: asked - 1 });
    }
  });
});
