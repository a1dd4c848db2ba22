import { describe, expect, it } from '@jest/globals';
import { Group } from './testdata/group.js';

describe('Raft', () => {
  it.each([1, 2, 3, 4, 5, 7])('elects one leader of %d and commits what it is given', (voters) => {
    const group = new Group({ voters });
    group.run(60);
    expect(group.leaders).toHaveLength(1);
    for (const command of ['a', 'b', 'c']) group.propose(group.leader.id, command);
    group.deliver();
    group.run(5);
    for (const node of group.nodes.values()) expect(node.commands).toEqual(['a', 'b', 'c']);
  });
});
