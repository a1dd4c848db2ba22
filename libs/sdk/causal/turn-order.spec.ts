import { describe, expect, it } from '@jest/globals';
import { type Stamp } from '@nexus/core/causality';
import { type Turn, TurnOrder } from './turn-order.js';

/** A broadcast of a sender on one channel, after others. */
function stamp(
  sender: string,
  sequence: number | undefined,
  after: Readonly<Record<string, number>> = {},
): Stamp {
  const broadcast = sequence === undefined ? undefined : { channel: 'all', sequence };
  return { sender, broadcast, after: new Map([['all', new Map(Object.entries(after))]]) };
}

function orderOf() {
  const started: string[] = [];
  const turns = new Map<string, Turn<string>>();
  const order = new TurnOrder<string>((turn) => {
    started.push(turn.item);
    turns.set(turn.item, turn);
  });
  return { order, started, finish: (item: string) => order.finish(turns.get(item)!) };
}

describe('TurnOrder', () => {
  it('handles side by side what knows nothing of each other', () => {
    const { order, started } = orderOf();
    order.add('a1', stamp('a', 1));
    order.add('b1', stamp('b', 1));
    expect(started).toEqual(['a1', 'b1']);
  });

  it('starts an effect when its cause has finished', () => {
    const { order, started, finish } = orderOf();
    order.add('a1', stamp('a', 1));
    order.add('b1', stamp('b', 1, { a: 1 }));
    expect(started).toEqual(['a1']);
    finish('a1');
    expect(started).toEqual(['a1', 'b1']);
    expect(order.size).toBe(1);
  });

  it('waits for all causes, whichever finishes last', () => {
    const { order, started, finish } = orderOf();
    order.add('a1', stamp('a', 1));
    order.add('b1', stamp('b', 1));
    order.add('c1', stamp('c', 1, { a: 1, b: 1 }));
    finish('b1');
    expect(started).not.toContain('c1');
    finish('a1');
    expect(started).toEqual(['a1', 'b1', 'c1']);
  });

  it('keeps the order of one sender, also of what only this agent gets', () => {
    const { order, started, finish } = orderOf();
    order.add('first', stamp('a', undefined));
    order.add('second', stamp('a', 1));
    order.add('third', stamp('a', undefined));
    expect(started).toEqual(['first']);
    finish('first');
    finish('second');
    expect(started).toEqual(['first', 'second', 'third']);
  });

  it('does not wait for what a stamp does not come after', () => {
    const { order, started } = orderOf();
    order.add('a1', stamp('a', 1));
    order.add('a2', stamp('a', 2, { a: 1 }));
    order.add('a3', stamp('a', 3, { a: 2 }));
    order.add('b1', stamp('b', 1));
    expect(started).toEqual(['a1', 'b1']);
  });

  it('waits for no more of a sender than the stamp comes after', () => {
    const { order, started, finish } = orderOf();
    order.add('a1', stamp('a', 1));
    order.add('a2', stamp('a', 2, { a: 1 }));
    order.add('b1', stamp('b', 1, { a: 1 }));
    finish('a1');
    expect(started).toEqual(['a1', 'a2', 'b1']);
  });

  it('finishes a turn once', () => {
    const { order, started, finish } = orderOf();
    order.add('a1', stamp('a', 1));
    order.add('b1', stamp('b', 1));
    order.add('c1', stamp('c', 1, { a: 1, b: 1 }));
    finish('a1');
    finish('a1');
    expect(started).not.toContain('c1');
    expect(order.size).toBe(2);
  });

  it('gives back what has not had its turn', () => {
    const { order, finish, started } = orderOf();
    order.add('a1', stamp('a', 1));
    order.add('a2', stamp('a', 2, { a: 1 }));
    expect(order.clear()).toEqual(['a2']);
    finish('a1');
    expect(started).toEqual(['a1']);
    expect(order.size).toBe(0);
  });
});
