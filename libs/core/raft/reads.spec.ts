import { describe, expect, it } from '@jest/globals';
import { type Message } from './message.js';
import { type Readable } from './step.js';
import { Group, type Node } from './testdata/group.js';

const readables = (node: Node): Readable[] => node.effects.flatMap(({ readable }) => readable);
const refusals = (node: Node) => node.effects.flatMap(({ refused }) => refused);
const reply = (term: number, round: number): Message => ({ kind: 'heartbeat_reply', term, round });

/** A leader whose messages arrive nowhere, so that the test answers by hand. */
function silentLeader(voters = 3) {
  const group = new Group({ voters, options: { readsMax: 3 } });
  group.elect(1);
  group.deliver();
  group.link = () => false;
  const answer = (from: number, message: Message) => group.tell(1, from, message);
  const ask = (ticket: number) => group.step(1, { kind: 'read', ticket });
  return { group, node: group.node(1), answer, ask };
}

describe('dissertation §6.4, R16: linearizable reads', () => {
  it('wait for a quorum that answers a round begun after the question', () => {
    const { node, answer, ask } = silentLeader();
    ask(1);
    answer(2, reply(1, 0));
    expect(readables(node)).toEqual([]);
    answer(2, reply(1, 1));
    expect(readables(node)).toEqual([{ ticket: 1, index: 1 }]);
  });

  it('have a round of their own for each batch, which an older answer does not confirm', () => {
    const { node, answer, ask } = silentLeader();
    ask(1);
    ask(2);
    answer(2, reply(1, 1));
    expect(readables(node).map(({ ticket }) => ticket)).toEqual([1]);
    answer(3, reply(1, 1));
    expect(readables(node).map(({ ticket }) => ticket)).toEqual([1]);
    answer(3, reply(1, 2));
    expect(readables(node).map(({ ticket }) => ticket)).toEqual([1, 2]);
  });

  it('are not confirmed by one follower twice, a round that never was, another term, or a stranger', () => {
    const { node, answer, ask } = silentLeader(5);
    ask(1);
    answer(2, reply(1, 1));
    answer(2, reply(1, 1));
    answer(3, reply(1, 99));
    answer(4, reply(0, 1));
    answer(9, reply(1, 1));
    expect(readables(node)).toEqual([]);
    answer(3, reply(1, 1));
    expect(readables(node)).toHaveLength(1);
  });

  it('share one round when they come in one step', () => {
    const { group, node, answer } = silentLeader();
    const effects = group.step(1, { kind: 'read', ticket: 1 }, { kind: 'read', ticket: 2 });
    expect(effects.messages.map(({ message }) => message)).toMatchObject([
      { kind: 'heartbeat', round: 1 },
      { kind: 'heartbeat', round: 1 },
    ]);
    answer(3, reply(1, 1));
    expect(readables(node)).toEqual([
      { ticket: 1, index: 1 },
      { ticket: 2, index: 1 },
    ]);
  });

  it('are answered together, however many share a round', () => {
    const count = 200_000;
    const group = new Group({ voters: 1, options: { readsMax: count } });
    group.run(2);
    const asked = Array.from({ length: count }, (_, ticket) => ({ kind: 'read', ticket }) as const);
    expect(group.node(1).raft.step(asked).readable).toHaveLength(count);
  });

  it('wait for the first commit of the term', () => {
    const group = new Group({ voters: 3 });
    group.link = ({ message }) => message.kind !== 'append_accepted';
    group.elect(1);
    group.ask(1, { kind: 'read' });
    group.run(2);
    expect(readables(group.node(1))).toEqual([]);
    group.heal();
    group.run(8);
    expect(readables(group.node(1))).toEqual([{ ticket: 1, index: 1 }]);
  });

  it('are answered by an idle leader after a lost round, with the next heartbeat', () => {
    const { group, node, ask } = silentLeader();
    ask(1);
    group.deliver();
    group.heal();
    group.run(4);
    expect(readables(node)).toHaveLength(1);
  });

  it('are never confirmed for a deposed leader, and fail when it steps down', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.partition([1], [2, 3]);
    group.runUntil(() => group.leader.id !== '1');
    expect(group.node(1).raft.standing.role).toBe('leader');
    group.propose(group.leader.id, 'new');
    group.deliver();
    group.ask(1, { kind: 'read' });
    group.run(25);
    expect(readables(group.node(1))).toEqual([]);
    expect(refusals(group.node(1))).toMatchObject([{ reason: 'not_leader' }]);
  });

  it('are refused by who does not lead, and beyond the bound (R24)', () => {
    const { group, node, ask } = silentLeader();
    expect(group.ask(2, { kind: 'read' }).refused).toMatchObject([{ reason: 'not_leader' }]);
    for (const ticket of [1, 2, 3, 4]) ask(ticket);
    expect(refusals(node)).toEqual([{ ticket: 4, reason: 'overloaded' }]);
  });

  it('need nobody else in a group of one, once its term began', () => {
    const group = new Group({ voters: 1 });
    group.run(2);
    expect(group.ask(1, { kind: 'read' }).readable).toMatchObject([{ index: 1 }]);
  });
});
