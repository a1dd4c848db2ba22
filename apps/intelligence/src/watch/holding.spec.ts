import { describe, expect, it } from '@jest/globals';
import { type Held, nextHolding, type Verdict } from './holding.js';

const holdMs = 100;

/** What becomes of something that is judged so, one verdict whenever its time is over. */
function told(verdicts: readonly Verdict[]) {
  let held: Held | undefined;
  let nowMs = 0;
  return verdicts.map((verdict) => {
    if (held) nowMs = held.untilMs;
    const next = nextHolding(held, verdict, nowMs, { holdMs });
    held = next.held;
    return [next.change, next.held?.step, next.held && next.held.untilMs - nowMs];
  });
}

describe('nextHolding', () => {
  it('is mild first, then strict and longer each time, and takes what stays different for usual', () => {
    expect(told(['usual', 'anomalous', 'anomalous', 'anomalous', 'anomalous', 'anomalous'])).toEqual([
      [undefined, undefined, undefined],
      ['first', 0, 100],
      ['further', 1, 100],
      ['further', 1, 200],
      ['further', 1, 400],
      ['rebased', undefined, undefined],
    ]);
  });

  it('lets go of what has become usual, and of what was strictly held only after another look', () => {
    expect(told(['anomalous', 'usual'])[1]).toEqual(['cleared', undefined, undefined]);
    expect(told(['anomalous', 'anomalous', 'unknown', 'usual']).slice(2)).toEqual([
      ['back', 0, 100],
      ['cleared', undefined, undefined],
    ]);
    // It comes back as it went: strictly again, and for longer.
    expect(told(['anomalous', 'anomalous', 'unknown', 'anomalous'])[3]).toEqual(['further', 1, 200]);
  });

  it('changes nothing before the time is over', () => {
    const { held } = nextHolding(undefined, 'anomalous', 0, { holdMs });
    expect(nextHolding(held, 'anomalous', 99, { holdMs })).toEqual({ held, change: undefined });
    expect(nextHolding(held, 'usual', 99, { holdMs })).toEqual({ held, change: undefined });
  });

  it('holds nothing for ever against one of which nothing is heard', () => {
    const changes = told(['anomalous', ...new Array<Verdict>(10).fill('unknown')]).map(([change]) => change);
    expect(changes.at(-1)).toBe('cleared');
    expect(changes.slice(1, -1)).toEqual(new Array(9).fill(undefined));
  });
});
