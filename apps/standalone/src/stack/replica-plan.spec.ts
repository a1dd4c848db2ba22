import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { planReplicas } from './replica-plan.js';

describe('planReplicas', () => {
  let dataDir = '';
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nexus-plan-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const hold = (...names: string[]) =>
    Promise.all(names.map((name) => mkdir(join(dataDir, 'consensus', name), { recursive: true })));

  it('plans one replica, or as many as are wanted, where there is none', async () => {
    const one = await planReplicas(dataDir, { replicas: undefined, atLeast: 1 });
    const home = join(dataDir, 'consensus');
    expect(one).toEqual({ replicaIds: ['consensus-1'], grows: false, home });
    const three = await planReplicas(dataDir, { replicas: 3, atLeast: 1 });
    expect(three.replicaIds).toEqual(['consensus-1', 'consensus-2', 'consensus-3']);
    expect(three.grows).toBe(false);
  });

  it('keeps the size of a group from start to start', async () => {
    await hold('consensus-1', 'consensus-2', 'consensus-3', 'consensus-x', 'elsewhere');
    const plan = await planReplicas(dataDir, { replicas: undefined, atLeast: 1 });
    expect(plan.replicaIds).toHaveLength(3);
    expect(plan.grows).toBe(false);
  });

  it('says that a group grows, by wish or by what the topology needs', async () => {
    await hold('consensus-1');
    expect((await planReplicas(dataDir, { replicas: 3, atLeast: 1 })).grows).toBe(true);
    expect((await planReplicas(dataDir, { replicas: undefined, atLeast: 3 })).grows).toBe(true);
  });

  it('refuses to start fewer replicas than there are', async () => {
    await hold('consensus-1', 'consensus-2', 'consensus-3');
    await expect(planReplicas(dataDir, { replicas: 1, atLeast: 1 })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('start with --replicas 3'),
    });
  });
});
