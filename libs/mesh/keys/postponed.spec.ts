import { describe, expect, it, jest } from '@jest/globals';
import { memberIdSchema } from '@nexus/contracts';
import { Postponed } from './postponed.js';

const member = (id: string) => memberIdSchema.parse(id);

describe('values whose time has not come', () => {
  it('are looked at again once, when it has; the others are forgotten', () => {
    jest.useFakeTimers();
    try {
      const seen: string[] = [];
      const postponed = new Postponed((waiting) => seen.push(waiting.member), 2);
      postponed.add({ key: 'k', member: member('a') }, 50);
      postponed.add({ key: 'k', member: member('a') }, 100);
      postponed.add({ key: 'k', member: member('b') }, 100);
      postponed.add({ key: 'k', member: member('beyond') }, 100);
      expect(postponed.of('k')).toEqual(['a', 'b']);
      postponed.drop({ key: 'k', member: member('b') });
      jest.advanceTimersByTime(1_000);
      expect(seen).toEqual(['a']);
      expect(postponed.of('k')).toEqual([]);
    } finally {
      jest.useRealTimers();
    }
  });
});
