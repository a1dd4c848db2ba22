import { describe, expect, it } from '@jest/globals';
import { broadcast } from './testdata/broadcast.js';
import { listening, untilQuiet } from './testdata/listening.js';

const [a, b, c] = ['a.00000001', 'b.00000001', 'c.00000001'] as const;

describe('a circle of messages that come after each other', () => {
  it('is broken: both messages are delivered', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 1, { all: { [b]: 1 } }), broadcast(b, 1, { all: { [a]: 1 } })], { nowMs: 1 });
    const { deliver, gaps } = untilQuiet(receiver);
    expect([deliver, gaps, receiver.held]).toEqual([['a1', 'b1'], [], 0]);
  });

  it('is let out, and takes nothing out of the order of others', () => {
    const receiver = listening();
    const lie = broadcast(b, 1, { all: { [a]: 2 } });
    const others = [broadcast(a, 1, { all: { [b]: 1 } }), broadcast(a, 2, { all: { [b]: 1 } })];
    receiver.step([lie, ...others], { nowMs: 1 });
    expect(untilQuiet(receiver)).toMatchObject({ deliver: ['b1', 'a1', 'a2'], gaps: [] });
  });

  it('is told from what comes after it, when it comes late itself', () => {
    const receiver = listening();
    const others = [broadcast(c, 1, { all: { [b]: 1 } }), broadcast(a, 1, { all: { [c]: 1, [b]: 1 } })];
    receiver.step([...others, broadcast(b, 1, { all: { [a]: 1 } })], { nowMs: 1 });
    expect(untilQuiet(receiver)).toMatchObject({ deliver: ['b1', 'c1', 'a1'], gaps: [] });
  });

  it('is told by what nobody has, when each says that it comes after the other', () => {
    const receiver = listening();
    const inputs = [broadcast(a, 1, { all: { [b]: 1 } }), broadcast(b, 1, { all: { [a]: 2 } })];
    receiver.step(inputs, { nowMs: 1 });
    expect(untilQuiet(receiver).deliver).toEqual(['b1', 'a1']);
  });

  it('is seen too when it closes with what there is no room for', () => {
    const receiver = listening({ heldMax: 1 });
    receiver.step([broadcast(b, 1, { all: { [a]: 1 } })], { nowMs: 1 });
    expect(receiver.step([broadcast(a, 1, { all: { [b]: 1 } })], { nowMs: 2 }).deliver).toEqual(['b1', 'a1']);
  });
});
