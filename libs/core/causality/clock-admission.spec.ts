import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { admitClock, VectorClock, type AdmissionRules } from './index.js';

const fleet = new Set(['me', 'peer', 'third', 'new']);
const rules: AdmissionRules = {
  self: 'me',
  issued: 5,
  sender: 'peer',
  isKnown: (name) => fleet.has(name),
  stepMax: 10,
  introducedMax: 20,
  entriesMax: 4,
};
const known = VectorClock.of([
  ['me', 4],
  ['peer', 7],
  ['third', 1],
]);
const admit = (entries: [string, number][], changed: Partial<AdmissionRules> = {}) =>
  admitClock(known, VectorClock.of(entries), { ...rules, ...changed });

describe('a clock that somebody sent', () => {
  it('is merged as far as it can be believed', () => {
    const { clock, refused } = admit([
      ['me', 5],
      ['peer', 17],
      ['third', 11],
      ['new', 20],
    ]);
    expect(refused).toEqual([]);
    expect(clock.encode()).toBe('["me",5,"new",20,"peer",17,"third",11]');
  });

  it.each([
    ['claims more of our events than there were', 'beyond_issued', 'me', 6],
    ['names somebody who is not of the fleet', 'unknown_name', 'stranger', 1],
    ['advances its own entry by a leap', 'step_too_large', 'peer', 18],
    ['advances another’s entry by a leap', 'step_too_large', 'third', 12],
    ['introduces another one far ahead', 'step_too_large', 'new', 21],
  ] as const)('that %s leaves what was known: %s', (_, reason, name, counter) => {
    const { clock, refused } = admit([[name, counter]]);
    expect(refused).toEqual([{ name, counter, reason }]);
    expect(clock).toBe(known);
  });

  it('that comes from whom nothing was known is believed about itself', () => {
    const { clock, refused } = admit([['new', 1_000_000]], { sender: 'new' });
    expect([clock.get('new'), refused]).toEqual([1_000_000, []]);
  });

  it('is not the smaller for what it does not know', () => {
    expect(admit([]).clock).toBe(known);
    expect(admit([['peer', 1]]).clock).toBe(known);
  });

  it('cannot make the known one larger than its bound', () => {
    const { clock, refused } = admit(
      [
        ['new', 1],
        ['peer', 8],
      ],
      { entriesMax: 3 },
    );
    expect(clock.get('peer')).toBe(8);
    expect(refused).toEqual([{ name: 'new', counter: 1, reason: 'too_many_entries' }]);
  });

  it('whatever it says, advances only within the rules', () => {
    const name = fc.constantFrom('me', 'peer', 'third', 'new', 'stranger', '__proto__');
    const entries = fc.array(fc.tuple(name, fc.nat({ max: 40 })), { maxLength: 8 });
    fc.assert(
      fc.property(entries, fc.constantFrom('peer', 'third', 'new'), (received, sender) => {
        const { clock, refused } = admitClock(known, VectorClock.of(received), { ...rules, sender });
        expect(clock.descends(known)).toBe(true);
        expect(clock.size).toBeLessThanOrEqual(rules.entriesMax);
        expect(clock.get('me')).toBeLessThanOrEqual(rules.issued);
        expect(clock.get('third') - known.get('third')).toBeLessThanOrEqual(rules.stepMax);
        for (const [each] of clock.entries()) expect(fleet.has(each)).toBe(true);
        for (const { name: each } of refused) expect(clock.get(each)).toBe(known.get(each));
      }),
    );
  });
});
