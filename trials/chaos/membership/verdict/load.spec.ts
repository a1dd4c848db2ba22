import { describe, expect, it } from '@jest/globals';
import { type Asked } from '../load/asked.js';
import { type Life, newLife } from '../members/life.js';
import { deliveries } from './deliveries.js';
import { disturbances } from './disturbances.js';

const asked = (kind: Asked['kind'], at: number, fields: Partial<Asked> = {}): Asked => ({
  ...{ kind, startedAtMs: at, endedAtMs: at + 100, error: null, answered: [], number: 0 },
  ...fields,
});
const agent = (id: string, fields: Partial<Life> = {}): Life => ({
  ...newLife({ id, role: 'agent' }, 0),
  registeredAtMs: 0,
  ...fields,
});
const killed = (role: 'coordinator' | 'consensus', endedAtMs: number): Life => ({
  ...newLife({ id: `${role}-1`, role }, 0),
  endedAtMs,
});

describe('disturbances', () => {
  it('explains a failure by the death of who worked on it, and by no other', () => {
    const failed = asked('gather', 10_000, { error: 'deadline_exceeded', endedAtMs: 12_000 });
    expect(disturbances([failed], [killed('coordinator', 11_000)])).toMatchObject({
      kinds: { gather: { asked: 1, failedByKill: 1 } },
      unexplained: [],
    });
    for (const other of [killed('consensus', 11_000), killed('coordinator', 2_000)])
      expect(disturbances([failed], [other]).unexplained).toHaveLength(1);
  });

  it('objects to a gather that left out an agent that was there', () => {
    const gather = asked('gather', 10_000, { answered: ['a'] });
    const others = [
      agent('gone', { endedAtMs: 10_050 }),
      agent('new', { registeredAtMs: 9_000 }),
      agent('there'),
    ];
    expect(disturbances([gather], [agent('a'), ...others]).unexplained).toEqual([
      'a gather left out there, which was there',
    ]);
  });
});

const handed = (...numbers: number[]) =>
  numbers.map((number) => ({ number, sender: 'c.1', sequence: number, after: { 'c.1': number - 1 } }));

describe('deliveries', () => {
  const broadcasts = [1, 2, 3].map((number) => asked('broadcast', 10_000 + number * 100, { number }));

  it('are each once and in order', () => {
    expect(deliveries(broadcasts, [agent('a', { delivered: handed(1, 2, 3), givenUp: 2 })])).toEqual({
      delivered: 3,
      givenUp: 2,
      disordered: [],
      lost: [],
    });
  });

  it('are objected to when they are repeated, out of order, or missing', () => {
    const { disordered, lost } = deliveries(broadcasts, [
      agent('a', { delivered: handed(1, 1) }),
      agent('b', { delivered: handed(2, 1, 3) }),
    ]);
    expect(disordered).toEqual([
      'a: was handed broadcast 1 (c.1 1) again after 1',
      'b: was handed broadcast 1 (c.1 1) after 2, which comes after 1 of that sender',
    ]);
    expect(lost).toEqual(['a was not handed broadcast 2', 'a was not handed broadcast 3']);
  });

  it('are objected to when they are repeated, whoever died meanwhile', () => {
    const lives = [agent('a', { delivered: handed(1, 2, 3, 2) }), killed('coordinator', 10_250)];
    expect(deliveries(broadcasts, lives).disordered).toEqual([
      'a: was handed broadcast 2 (c.1 2) again after 2',
    ]);
  });

  it('may come from another coordinator too when the first one died with them', () => {
    const twice = [
      ...handed(1, 2),
      { number: 2, sender: 'd.1', sequence: 1, after: { 'c.1': 2 } },
      ...handed(3),
    ];
    const lives = [agent('a', { delivered: twice }), killed('coordinator', 10_250)];
    expect(deliveries(broadcasts, lives).disordered).toEqual([]);
  });

  it('are not asked of who was not there, nor of what a coordinator died with', () => {
    const late = agent('late', { registeredAtMs: 9_000 });
    const brief = agent('brief', { endedAtMs: 11_000 });
    expect(deliveries(broadcasts, [late, brief]).lost).toEqual([]);
    expect(deliveries(broadcasts, [agent('a'), killed('coordinator', 10_050)]).lost).toEqual([]);
  });
});
