import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Candidates, LoadTable } from './index.js';
import { endAs, fleetOf, idOf } from './testdata/small-fleet.js';

const traits = { weight: 1, window: 1 };

describe('Candidates', () => {
  it('are what a sorted list would be, whatever joins and leaves, set and table', () => {
    const step = fc.record({ agent: fc.nat({ max: 12 }), verb: fc.constantFrom('add', 'remove', 'renew') });
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 })), fc.array(step), (first, steps) => {
        const table = new LoadTable();
        for (let agent = 12; agent >= 0; agent--) table.upsert(idOf(agent), traits, 0);
        const candidates = Candidates.of(table, first.map(idOf));
        const ring = candidates.ring;
        const model = new Set(first.map(idOf));
        for (const { agent, verb } of steps) {
          const agentId = idOf(agent);
          if (verb === 'remove') expect(candidates.remove(agentId)).toBe(model.delete(agentId));
          if (verb === 'renew') {
            table.remove(agentId);
            table.upsert(agentId, traits, 0);
          }
          if (verb === 'add' || (verb === 'renew' && model.has(agentId))) {
            candidates.add(agentId);
            model.add(agentId);
          }
          const slots = [...model].sort().map((id) => table.slotOf(id));
          expect([...candidates.slots]).toEqual(slots);
          expect(candidates.members.size).toBe(slots.length);
          expect(slots.every((slot) => candidates.members.has(slot))).toBe(true);
          const onRing = Array.from({ length: ring.size }, (_, place) => ring.slotAt(place));
          expect(onRing.sort((a, b) => a - b)).toEqual(
            slots.flatMap((slot) => [slot, slot, slot, slot]).sort((a, b) => a - b),
          );
        }
      }),
    );
  });

  it('keep the slot of an agent that left from being used again before they let go of it', () => {
    const { table, candidates } = fleetOf({ agents: 2 });
    const other = Candidates.of(table, [idOf(0)]);
    table.remove(idOf(0));
    expect(table.upsert('first', traits, 0)).toBe(2);
    candidates.remove(idOf(0));
    expect(table.upsert('second', traits, 0)).toBe(3);
    other.close();
    expect(table.upsert('third', traits, 0)).toBe(0);
    expect([...candidates.slots, ...other.slots]).toEqual([1]);
  });

  it('are in panic when more than half of them are ejected, and not before', () => {
    const { table } = fleetOf({ agents: 8 });
    const candidates = Candidates.of(table, [0, 1, 2].map(idOf));
    const seen = [0, 1, 2].map((slot) => {
      endAs(table, slot, { times: 5 });
      return candidates.isPanic;
    });
    expect(seen).toEqual([false, true, true]);
    candidates.add(idOf(6));
    candidates.add(idOf(7));
    expect(candidates.isPanic).toBe(true);
    candidates.add(idOf(5));
    expect(candidates.isPanic).toBe(false);
  });

  it('know who is on a node, whoever joins, leaves and moves', () => {
    const { table, candidates } = fleetOf({ agents: 4, nodes: ['n1', 'n2', 'n1', 'n2'] });
    const onN1 = () => [...candidates.onNode(table.nodeNumber('n1'))].sort();
    expect(onN1()).toEqual([0, 2]);
    candidates.remove(idOf(0));
    expect(onN1()).toEqual([2]);
    table.upsert('new', { ...traits, node: 'n1' }, 0);
    candidates.add('new');
    expect(onN1()).toEqual([2, 4]);
    table.upsert(idOf(1), { ...traits, node: 'n1' }, 0);
    expect(onN1()).toEqual([1, 2, 4]);
  });

  it('are agents of the table', () => {
    const { candidates } = fleetOf({ agents: 1 });
    expect(() => candidates.add('stranger')).toThrow('an agent of the table');
  });
});
