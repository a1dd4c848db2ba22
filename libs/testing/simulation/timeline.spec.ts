import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from './seeded-random.js';
import { Timeline } from './timeline.js';

describe('Timeline', () => {
  it('lets events happen in the order of time, and at one moment in the order of planning', () => {
    const timeline = new Timeline();
    const random = new SeededRandom(1);
    const happened: { atMs: number; planned: number }[] = [];
    for (let planned = 0; planned < 500; planned++)
      timeline.after(random.integer(0, 40), () => happened.push({ atMs: timeline.nowMs, planned }));
    timeline.run(100);
    const sorted = [...happened].sort((a, b) => a.atMs - b.atMs || a.planned - b.planned);
    expect(happened).toEqual(sorted);
    expect(happened).toHaveLength(500);
    expect(timeline.happened).toBe(500);
  });

  it('stops at the end of the time it is given, and goes on from there', () => {
    const timeline = new Timeline();
    const happened: string[] = [];
    timeline.after(5, () => {
      happened.push('first');
      timeline.after(5, () => happened.push('second'));
    });
    timeline.run(9);
    expect([happened, timeline.nowMs]).toEqual([['first'], 9]);
    timeline.run(10);
    expect(happened).toEqual(['first', 'second']);
  });

  it('ends what would go on for ever', () => {
    const timeline = new Timeline(100);
    const again = () => timeline.after(0, again);
    again();
    expect(() => timeline.run(1)).toThrow('a run ends');
  });

  it('has no past', () => {
    expect(() => new Timeline().after(-1, () => undefined)).toThrow('past');
  });
});
