import { describe, expect, it } from '@jest/globals';
import { Lane } from './lane.js';
import type { WorkUnit } from './work-unit.js';

const unitOf = (index: number): WorkUnit => ({
  index,
  attempts: 0,
  agentId: '',
  place: { kind: 'nowhere' },
  failedBy: new Set(),
});

describe('Lane', () => {
  it('hands out units in the order they came, and skips one that was withdrawn', () => {
    const lane = new Lane('a', { window: 1, turn: 0 });
    const units = [unitOf(0), unitOf(1), unitOf(2)] as const;
    for (const unit of units) lane.enqueue(unit);
    lane.withdraw();
    units[1].place = { kind: 'settled' };
    expect(lane.outstanding).toBe(2);
    expect([lane.dequeue(), lane.dequeue(), lane.dequeue()]).toEqual([units[0], units[2], undefined]);
    expect(lane.outstanding).toBe(0);
  });

  it('hands back what waits when it closes, as units that are in no lane', () => {
    const lane = new Lane('a', { window: 1, turn: 0 });
    lane.enqueue(unitOf(0));
    lane.enqueue(unitOf(1));
    expect(lane.close().map(({ index, place }) => [index, place.kind])).toEqual([
      [0, 'nowhere'],
      [1, 'nowhere'],
    ]);
    expect({ open: lane.open, outstanding: lane.outstanding }).toEqual({ open: false, outstanding: 0 });
  });

  it.each([0, -1, 1.5, NaN])('is a defect with a window of %d', (window) => {
    expect(() => new Lane('a', { window, turn: 0 })).toThrow();
  });
});
