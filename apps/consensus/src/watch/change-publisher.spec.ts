import { describe, expect, it } from '@jest/globals';
import { type EventBody, type EventName, type ReplicaId } from '@nexus/contracts';
import { type MemberId, type Role } from '@nexus/core/raft';
import { eventually } from '@nexus/testing';
import { type ReplicaWatcher } from '../replica/replica-watcher.js';
import { ChangePublisher } from './change-publisher.js';

const self = 'a.s' as MemberId;
const standing = (role: Role, term = 1) => ({ role, term, leader: role === 'leader' ? self : null });
const change = (index: number) => ({ kind: 'key', index, key: 'k', value: index, version: index }) as const;

/** A publisher on a replica that is told what happens to it. */
function startPublisher() {
  const told: { readonly name: EventName; readonly body: unknown }[] = [];
  let watcher: ReplicaWatcher = {};
  let role: Role = 'follower';
  const host = {
    replicaId: 'a' as ReplicaId,
    watch: (given: ReplicaWatcher) => {
      watcher = given;
    },
    get replica() {
      return { leads: role === 'leader' };
    },
  };
  new ChangePublisher(host, { publish: (name, body) => void told.push({ name, body }) });
  return {
    told,
    names: () => told.map(({ name }) => name),
    /** Indexes of the changes that were told, each with the one before the first of its message. */
    changes: () =>
      told
        .filter(({ name }) => name === 'consensus.changed')
        .map(({ body }) => {
          const { previousIndex, changes } = body as EventBody<'consensus.changed'>;
          return [previousIndex, ...changes.map(({ index }) => index)];
        }),
    change: (...indexes: number[]) => watcher.changed?.(indexes.map(change), 10 * indexes.length),
    restore: (index: number) => watcher.restored?.(index),
    become: (next: Role, term = 1) => {
      const before = standing(role, term);
      role = next;
      watcher.standing?.(standing(next, term), before);
    },
  };
}

describe('ChangePublisher', () => {
  it('tells what changed while it leads, a moment later, several turns at once and without a gap', async () => {
    const { become, change, changes } = startPublisher();
    become('leader');
    change(3, 4);
    change(7);
    expect(changes()).toEqual([]);
    await eventually('it is told', () => changes().length > 0);
    change(9);
    await eventually('the rest is told', () => changes().length > 1);
    expect(changes()).toEqual([
      [0, 3, 4, 7],
      [7, 9],
    ]);
  });

  it('says nothing as a follower, and all that it lately heard once it leads', async () => {
    const { become, change, changes, names } = startPublisher();
    change(3);
    change(5, 6);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(names()).toEqual([]);
    become('leader', 2);
    expect(names()).toEqual(['leader.changed', 'consensus.changed']);
    expect(changes()).toEqual([[0, 3, 5, 6]]);
  });

  it('tells what waits before it says that it leads no more, and before a new state', () => {
    const { become, change, changes, names, restore } = startPublisher();
    become('leader');
    change(3);
    become('follower');
    expect(names()).toEqual(['leader.changed', 'consensus.changed', 'leader.changed']);
    become('leader', 2);
    change(8);
    restore(20);
    expect(changes()).toEqual([
      [0, 3],
      [0, 3],
      [3, 8],
    ]);
    change(21);
    become('follower', 3);
    expect(changes().at(-1)).toEqual([20, 21]);
  });
});
