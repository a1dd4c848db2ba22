import { describe, expect, it } from '@jest/globals';
import { type ReplicaId } from '@nexus/contracts';
import { type MemberId } from '@nexus/core/raft';
import { Formation } from './formation.js';
import { type Hello } from './hello.js';

const ids = ['a', 'b', 'c'] as ReplicaId[];
const [a, b, c] = ids as [ReplicaId, ReplicaId, ReplicaId];

const formation = (replicaId: ReplicaId = a, initial: readonly ReplicaId[] = ids) =>
  new Formation({ replicaId, storeId: 's1', initial });

const hello = (replicaId: ReplicaId, fields: Partial<Hello> = {}): Hello => ({
  ...{ cluster: 'nexus', replicaId, storeId: 's1', stance: 'blank', leads: false, members: null },
  ...fields,
});

const members = (...voters: string[]) => ({ voters: voters as MemberId[], learners: [] });

describe('Formation', () => {
  it('begins once every initial replica was heard to be blank, with the same members everywhere', () => {
    const here = formation(a);
    expect(here.begin()).toBeUndefined();
    expect(here.hear(hello(c))).toBeUndefined();
    expect(here.missing).toEqual([b]);
    const beginning = here.hear(hello(b));
    const there = formation(c);
    there.hear(hello(a));
    expect(beginning).toEqual({ kind: 'formed', configuration: members('a.s1', 'b.s1', 'c.s1') });
    expect(there.hear(hello(b))).toEqual(beginning);
  });

  it('forms a group of one at once', () => {
    expect(formation(a, [a]).begin()).toEqual({ kind: 'formed', configuration: members('a.s1') });
  });

  it('never forms a group while one of the initial replicas has a log', () => {
    const here = formation();
    here.hear(hello(b));
    expect(here.hear(hello(c, { stance: 'waiting' }))).toBeUndefined();
    expect(here.missing).toEqual([c]);
  });

  it('takes the latest log of a replica that was replaced meanwhile', () => {
    const here = formation();
    here.hear(hello(b));
    here.hear(hello(b, { storeId: 's2' }));
    expect(here.hear(hello(c))?.configuration).toEqual(members('a.s1', 'b.s2', 'c.s1'));
  });

  it('finds the group that counts on it', () => {
    const group = members('a.s1', 'b.s1', 'c.s1');
    expect(formation().hear(hello(b, { stance: 'member', members: group }))).toEqual({
      kind: 'found',
      configuration: group,
    });
  });

  it('joins a group that knows its name with another log, and forms none', () => {
    const here = formation();
    here.hear(hello(b));
    const beginning = here.hear(hello(c, { stance: 'member', members: members('a.s0', 'b.s1', 'c.s1') }));
    expect(beginning).toEqual({ kind: 'joining', configuration: members() });
  });

  it('forms no group when it is none of the initial replicas', () => {
    const here = new Formation({ replicaId: 'd' as ReplicaId, storeId: 's1', initial: ids });
    for (const replica of ids) expect(here.hear(hello(replica))).toBeUndefined();
    expect(here.begin()).toBeUndefined();
  });

  it('does not take an echo of its own name for another replica', () => {
    const here = formation(a, [a, b]);
    expect(
      here.hear(hello(a, { storeId: 's2', stance: 'member', members: members('a.s2') })),
    ).toBeUndefined();
  });
});
