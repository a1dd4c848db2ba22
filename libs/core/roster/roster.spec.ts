import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Roster } from './index.js';

const failure = { code: 'internal', message: 'bug' };

describe('Roster', () => {
  it('is settled with the entry of the last pending agent', () => {
    const roster = new Roster<number>(['a', 'b']);
    expect(roster.answer(1, 42)).toBe('accepted');
    expect(roster.settled).toBe(false);
    expect(roster.fail(0, failure)).toBe('accepted');
    expect(roster.settled).toBe(true);
    expect(roster.answered()).toEqual([{ agentId: 'b', value: 42 }]);
    expect(roster.failed()).toEqual([{ agentId: 'a', ...failure }]);
  });

  it('keeps the first entry of an agent and calls the others late', () => {
    const roster = new Roster<string>(['a']);
    roster.answer(0, 'first');
    expect(roster.answer(0, 'second')).toBe('late');
    expect(roster.fail(0, failure)).toBe('late');
    expect(roster.answered()).toEqual([{ agentId: 'a', value: 'first' }]);
  });

  it('takes an answer of nothing for an answer', () => {
    const roster = new Roster<undefined>(['a']);
    roster.answer(0, undefined);
    expect(roster.settled).toBe(true);
    expect(roster.answer(0, undefined)).toBe('late');
  });

  it('makes the silent ones missing when it closes, and what comes then late', () => {
    const roster = new Roster<number>(['a', 'b', 'c']);
    roster.answer(1, 1);
    expect(roster.missing()).toEqual([]);
    roster.close();
    expect(roster.missing()).toEqual(['a', 'c']);
    expect({ settled: roster.settled, pending: roster.pending }).toEqual({ settled: true, pending: 0 });
    expect(roster.answer(0, 1)).toBe('late');
  });

  it.each([-1, 2, 0.5, NaN])('knows no slot %d', (slot) => {
    const roster = new Roster<number>(['a', 'b']);
    expect(roster.answer(slot, 1)).toBe('unknown');
  });

  it('is settled from the start when nobody was targeted', () => {
    expect(new Roster([]).settled).toBe(true);
  });

  it.each([[['b', 'a']], [['a', 'a']]])('is a defect over %j', (ids) => {
    expect(() => new Roster(ids)).toThrow();
  });

  it('accounts for every agent exactly once under any entries', () => {
    const ids = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 30 }).map((list) => list.sort());
    const entries = fc.array(fc.record({ ok: fc.boolean(), slot: fc.integer({ min: -2, max: 32 }) }));
    fc.assert(
      fc.property(ids, entries, (agentIds, script) => {
        const roster = new Roster<number>(agentIds);
        const accepted = script.filter(
          ({ ok, slot }, value) =>
            (ok ? roster.answer(slot, value) : roster.fail(slot, failure)) === 'accepted',
        );
        expect(roster.pending).toBe(agentIds.length - accepted.length);
        roster.close();
        const named = [...roster.answered(), ...roster.failed()].map(({ agentId }) => agentId);
        expect([...named, ...roster.missing()].sort()).toEqual(agentIds);
      }),
    );
  });
});
