import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsensusGroup } from './consensus-group.js';

describe.each(['memory', 'lmdb'] as const)('a group of three, its log in %s', (storage) => {
  let group: ConsensusGroup;

  beforeAll(async () => {
    group = await ConsensusGroup.start({ storage, timing: 'lan' });
  });
  afterAll(() => group.stop());

  it('commits and reads through any replica', async () => {
    const first = await group.propose({ type: 'put', key: 'config.a', value: { on: true } });
    expect(first).toMatchObject({ version: first.index, term: expect.any(Number) });
    // Several, so that the queue group picks followers as well.
    for (let round = 0; round < 8; round += 1) {
      expect(await group.read({ key: 'config.a' })).toMatchObject({
        value: { on: true },
        version: first.version,
      });
    }
  });

  it('keeps compare-and-set, decide, leases and elections', async () => {
    const { version } = await group.propose({ type: 'put', key: 'cas', value: 1, expectedVersion: 0 });
    await expect(
      group.propose({ type: 'put', key: 'cas', value: 2, expectedVersion: 0 }),
    ).rejects.toMatchObject({ fault: { code: 'conflict' } });
    await group.propose({ type: 'put', key: 'cas', value: 2, expectedVersion: version });

    await group.propose({ type: 'decide', key: 'who', value: 'a' });
    expect((await group.propose({ type: 'decide', key: 'who', value: 'b' })).value).toBe('a');

    const lease = await group.propose({ type: 'lease.acquire', resource: 'gpu', owner: 'x', ttlMs: 60_000 });
    expect(lease.fencingToken).toBe(lease.index);
    expect(await group.read({ resource: 'gpu' })).toMatchObject({
      owner: 'x',
      fencingToken: lease.fencingToken,
    });

    await group.propose({ type: 'campaign', election: 'boss', candidate: 'x' });
    await group.propose({ type: 'campaign', election: 'boss', candidate: 'y' });
    expect(await group.read({ election: 'boss' })).toMatchObject({ leader: 'x', waiting: ['y'] });
  });
});
