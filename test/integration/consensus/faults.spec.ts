import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { ConsensusGroup } from './consensus-group.js';

let group: ConsensusGroup;
afterEach(() => group.stop());

describe('an outage of NATS', () => {
  it('costs time, and nothing that was acknowledged', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb' });
    const before = await group.propose({ type: 'put', key: 'a', value: 1 });
    group.servers.nats.kill('SIGKILL');
    await eventually('the replicas know that they are cut off', () =>
      [...group.running.values()].every(({ running }) => !running.connection.connected),
    );
    await group.servers.nats.restart();
    await group.settled();
    expect(await group.read({ key: 'a' })).toMatchObject({ value: 1, version: before.version });
    await group.propose({ type: 'put', key: 'a', value: 2 });
  });
});

describe('readiness', () => {
  const reasons = async (name: string) => {
    const { checks } = group.running.get(name)!;
    const thrown: string[] = [];
    for (const [check, look] of Object.entries(checks)) {
      try {
        await look();
      } catch (error) {
        thrown.push(`${check}: ${String(error)}`);
      }
    }
    return thrown.join('; ');
  };

  it('says which replicas a group waits for, and that nobody leads', async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    for (const name of group.names) expect(await reasons(name)).toBe('');
    const survivor = await group.follower();
    for (const name of group.names) if (name !== survivor) await group.crashReplica(name);
    await eventually('it knows of no leader', async () =>
      (await reasons(survivor)).includes('no leader is known'),
    );
    await group.startReplica('lonely', {
      NEXUS_CONSENSUS_REPLICAS: 'lonely,absent',
      NEXUS_PREFIX: 'elsewhere',
    });
    expect(await reasons('lonely')).toMatch(/not formed yet: waiting for absent/);
  });
});
