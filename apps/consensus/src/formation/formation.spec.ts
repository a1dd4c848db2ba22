import { describe, expect, it } from '@jest/globals';
import { type ReplicaId } from '@nexus/contracts';
import { type MemberId } from '@nexus/core/raft';
import { type Beginning, Formation } from './formation.js';
import { type Hello } from './hello.js';

const ids = ['a', 'b', 'c'] as ReplicaId[];
const [a, b, c] = ids as [ReplicaId, ReplicaId, ReplicaId];

const formation = (replicaId: ReplicaId = a, initial: readonly ReplicaId[] = ids) =>
  new Formation({ replicaId, storeId: 's1', initial });

const hello = (replicaId: ReplicaId, fields: Partial<Hello> = {}): Hello => ({
  ...{ cluster: 'nexus', replicaId, storeId: 's1', incarnation: `${replicaId}-1`, rival: null },
  ...{ stance: 'blank', leads: false, members: null, founders: ids },
  ...fields,
});

const members = (...voters: string[]) => ({ voters: voters as MemberId[], learners: [] });
const formed = (...voters: string[]) => ({ kind: 'formed', configuration: members(...voters) });

/** Asks as often as it must before silence means anything. */
function askInVain(asking: Formation): Beginning | undefined {
  for (let n = 0; n < 3; n += 1) expect(asking.noAnswer()).toBeUndefined();
  return asking.noAnswer();
}

describe('Formation', () => {
  it('begins once every initial replica was heard to be blank, with the same members everywhere', () => {
    const here = formation(a);
    expect(here.hear(hello(c))).toBeUndefined();
    expect(here.waitsFor).toBe('b');
    expect(askInVain(here)).toBeUndefined();
    const beginning = here.hear(hello(b));
    const there = formation(c);
    there.hear(hello(a));
    there.hear(hello(b));
    expect(beginning).toEqual(formed('a.s1', 'b.s1', 'c.s1'));
    expect(askInVain(there)).toEqual(beginning);
  });

  it('forms even a group of one only after it has asked for a while', () => {
    expect(askInVain(formation(a, [a]))).toEqual(formed('a.s1'));
  });

  it('asks anew, and forgets whom it heard, after the connection was lost', () => {
    const here = formation(a, [a, b]);
    here.hear(hello(b, { founders: [b, a] }));
    for (let n = 0; n < 3; n += 1) here.noAnswer();
    here.restart();
    expect(askInVain(here)).toBeUndefined();
    expect(here.waitsFor).toBe('b');
  });

  it('never forms a group once it heard of a log, whatever it hears later', () => {
    const here = formation();
    here.hear(hello(b));
    expect(here.hear(hello(c, { stance: 'waiting' }))).toBeUndefined();
    here.hear(hello(c, { storeId: 's2' }));
    expect(askInVain(here)).toBeUndefined();
    expect(here.waitsFor).toBe('the group that c has a log of');
    const alone = formation(a, [a]);
    alone.hear(hello('z' as ReplicaId, { stance: 'waiting' }));
    expect(askInVain(alone)).toBeUndefined();
  });

  it('takes the latest log of a replica that was replaced meanwhile', () => {
    const here = formation();
    here.hear(hello(b));
    here.hear(hello(b, { storeId: 's2' }));
    here.hear(hello(c));
    expect(askInVain(here)).toEqual(formed('a.s1', 'b.s2', 'c.s1'));
  });

  it.each([
    ['counts on it', b, members('a.s1', 'b.s1', 'c.s1')],
    ['knows its name with another log', b, members('a.s0', 'b.s1', 'c.s1')],
    ['has a member of its very name', a, members('a.s2')],
    ['has nobody that it was told of', 'z' as ReplicaId, members('z.s1')],
  ])('joins a group that %s, and forms none', (_which, from, group) => {
    const here = formation();
    const beginning = here.hear(hello(from, { storeId: 's2', stance: 'member', members: group }));
    expect(beginning).toEqual({ kind: 'joining' });
  });

  it('forms no group when it is none of the initial replicas', () => {
    const here = new Formation({ replicaId: 'd' as ReplicaId, storeId: 's1', initial: ids });
    for (const replica of ids) expect(here.hear(hello(replica))).toBeUndefined();
    expect(askInVain(here)).toBeUndefined();
  });

  it('forms no group beside a blank replica that means to form another one', () => {
    const alone = formation(a, [a]);
    const here = formation(b);
    for (const replica of [a, c]) here.hear(hello(replica));
    for (let n = 0; n < 20; n += 1) {
      alone.hear(hello(b));
      here.hear(hello(a, { founders: [a] }));
      expect(alone.noAnswer()).toBeUndefined();
      expect(here.noAnswer()).toBeUndefined();
    }
    expect(here.waitsFor).toMatch(
      /^a, which is to form a group of a: NEXUS_CONSENSUS_REPLICAS must be the same/,
    );
    // Gone, or put right.
    for (let n = 0; n < 2; n += 1) here.noAnswer();
    expect(here.noAnswer()).toEqual(formed('a.s1', 'b.s1', 'c.s1'));
  });

  it('forms no group beside another blank replica of its name', () => {
    const here = formation(a, [a]);
    for (let n = 0; n < 20; n += 1) {
      here.hear(hello(a, { storeId: 's2', founders: [a] }));
      expect(here.noAnswer()).toBeUndefined();
    }
    expect(here.waitsFor).toMatch(/another replica that is called a/);
  });

  it('is not held up by blank replicas that are to join later', () => {
    const here = formation();
    for (let n = 0; n < 1_000; n += 1) here.hear(hello(`x${n}` as ReplicaId));
    here.hear(hello(b));
    here.hear(hello(c));
    expect(askInVain(here)).toEqual(formed('a.s1', 'b.s1', 'c.s1'));
  });
});
