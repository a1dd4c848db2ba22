import { describe, expect, it } from '@jest/globals';
import { memberIdSchema, parse, type SharedKey } from '@nexus/contracts';
import { chosen, eligible } from './choice.js';

const sibling = (by: string, clock: Record<string, number>): SharedKey['values'][number] => ({
  by: parse(memberIdSchema, by, 'member'),
  value: by,
  clock,
});

describe('the choice among siblings', () => {
  const all = [sibling('a', { a: 3, b: 1 }), sibling('b', { b: 4 }), sibling('c', { c: 2 })];

  it('is the same in whatever order they came, and their clocks were written', () => {
    const [a, b, c] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]];
    const turned = { ...a, clock: { b: 1, a: 3 } };
    const orders = [
      [a, b, c],
      [c, b, turned],
      [b, turned, c],
    ];
    expect(new Set(orders.map((order) => chosen('mode', order)?.value)).size).toBe(1);
  });

  it('favours nobody', () => {
    const keys = Array.from({ length: 64 }, (_, at) => `key-${at}`);
    expect(new Set(keys.map((key) => chosen(key, all)?.value))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('is none among none', () => {
    expect(chosen('mode', [])).toBeUndefined();
  });
});

describe('the siblings of which one may stand', () => {
  const [one, other, agent] = ['coordinator-1', 'gossip-1', 'agent-1'].map((by) =>
    sibling(by, { [by]: 1 }),
  ) as [ReturnType<typeof sibling>, ReturnType<typeof sibling>, ReturnType<typeof sibling>];
  const isOfService = (memberId: string) => !memberId.startsWith('agent');

  it('are those that services put, where they put any', () => {
    expect(eligible([agent, one, other], isOfService)).toEqual([one, other]);
    expect(eligible([agent, one], isOfService)).toEqual([one]);
  });

  it('are all where agents alone put any', () => {
    expect(eligible([agent, agent], isOfService)).toEqual([agent, agent]);
  });
});
