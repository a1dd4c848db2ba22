import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@nexus/testing';
import {
  blankGoalWatch,
  dismissGoal,
  type GoalFinding,
  type GoalSample,
  type GoalWatchState,
  watchGoals,
} from './goal-watch.js';
import { ordersOf } from './orders.js';
import { blankWatch } from './watch-state.js';

const settings = { windowMs: 1_000, samplesMin: 10, deviations: 4, holdMs: 1_000 };
const types = ['gather', 'load_balance'] as const;
const random = new SeededRandom(4);

const gathers = (
  nowMs: number,
  medianMs: number,
  success = 1,
  more: Partial<GoalSample> = {},
): GoalSample[] =>
  Array.from({ length: 30 }, (_, at) => {
    const durationMs = medianMs * random.between(0.5, 1.9);
    return {
      ...{ type: 'gather', residualLog: Math.log1p(durationMs) - 2, against: 'none', durationMs, success },
      ...{ user: 'alice', layer: 'intelligence', agents: 10, atMs: nowMs - at, ...more },
    };
  });

function watched(seconds: number, samplesAt: (second: number, nowMs: number) => GoalSample[]) {
  let state: GoalWatchState = blankGoalWatch;
  const findings: GoalFinding[] = [];
  for (let second = 1; second <= seconds; second++) {
    const nowMs = second * 1_000;
    const next = watchGoals(state, types, samplesAt(second, nowMs), { ...settings, nowMs });
    state = next.state;
    findings.push(...next.findings);
  }
  return { state, findings };
}

describe('watchGoals', () => {
  it('finds the type that takes longer than usual, and lets go of it', () => {
    const { state, findings } = watched(9, (second, nowMs) => gathers(nowMs, second === 4 ? 100 : 10));
    expect(findings).toMatchObject([
      { type: 'gather', change: 'first', held: { step: 0 }, evidence: { measure: 'duration', samples: 30 } },
      { type: 'gather', change: 'cleared' },
    ]);
    expect(state.held).toEqual({});
  });

  it('goes further down while it stays so, and takes it for usual in the end', () => {
    const { state, findings } = watched(20, (second, nowMs) => gathers(nowMs, second < 4 ? 10 : 100));
    expect(findings.map(({ change }) => change)).toEqual([
      'first',
      'further',
      'further',
      'further',
      'rebased',
    ]);
    expect(state.usual.gather!.durationMs).toBeGreaterThan(60);
  });

  it('finds the type that comes to less', () => {
    const { findings } = watched(4, (second, nowMs) => gathers(nowMs, 10, second < 4 ? 1 : 0.3));
    expect(findings).toMatchObject([{ change: 'first', evidence: { measure: 'success', usual: 1 } }]);
    expect(findings[0]!.evidence.observed).toBeCloseTo(0.3, 5);
  });

  it('has nothing against a little more, or a few samples', () => {
    expect(watched(20, (second, nowMs) => gathers(nowMs, second < 4 ? 10 : 15)).findings).toEqual([]);
    const few = watched(8, (second, nowMs) => gathers(nowMs, second < 4 ? 10 : 100).slice(0, 9));
    expect([few.findings, few.state.usual]).toEqual([[], {}]);
  });

  describe('of a type that was dismissed', () => {
    const dismissed = (quietUntilMs: number) =>
      dismissGoal(
        watched(4, (second, nowMs) => gathers(nowMs, second < 4 ? 10 : 100)).state,
        'gather',
        quietUntilMs,
      );
    const looks = (from: GoalWatchState, seconds: number) => {
      let state = from;
      return Array.from({ length: seconds }, (_, at) => {
        const nowMs = 5_000 + at * 1_000;
        const next = watchGoals(state, types, gathers(nowMs, 100), { ...settings, nowMs });
        state = next.state;
        return next.findings;
      }).flat();
    };

    it('holds nothing against it for so long', () => {
      expect(dismissed(7_000).held).toEqual({});
      expect(looks(dismissed(7_000), 2)).toEqual([]);
      expect(looks(dismissed(7_000), 3)).toMatchObject([{ change: 'first' }]);
    });

    it('learns meanwhile that it is usual', () => {
      expect(looks(dismissed(45_000), 60)).toEqual([]);
    });
  });

  it('holds nothing against a type for what one of several users does', () => {
    const habits = (nowMs: number, user: string, isOff: boolean) => [
      ...gathers(nowMs, isOff ? 300 : 10, isOff ? 0 : 1, { user }),
    ];
    const off = (users: readonly string[], all: readonly string[]) =>
      watched(6, (second, nowMs) =>
        all.flatMap((user) => habits(nowMs, user, second >= 4 && users.includes(user))),
      ).findings;
    expect(off(['mallory'], ['mallory', 'bob'])).toEqual([]);
    expect(off(['mallory'], ['alice', 'bob', 'mallory'])).toEqual([]);
    expect(off(['mallory', 'bob'], ['mallory', 'bob'])[0]).toMatchObject({ change: 'first' });
    expect(off(['alice'], ['alice'])[0]).toMatchObject({ change: 'first' });
  });

  it('has nothing against a type because something else predicts', () => {
    const { findings } = watched(8, (second, nowMs) =>
      gathers(nowMs, 10).map((sample) =>
        second < 4 ? { ...sample, against: '3', residualLog: sample.residualLog - 2 } : sample,
      ),
    );
    expect(findings).toEqual([]);
    // Nor because what is predicted is wrong: by the clock nothing has changed.
    const wrong = watched(8, (second, nowMs) =>
      gathers(nowMs, 10).map((sample) => ({
        ...sample,
        residualLog: sample.residualLog + (second < 4 ? 0 : 2),
      })),
    );
    expect(wrong.findings).toEqual([]);
  });

  it.each<[string, Partial<GoalSample>, (string | null)[]]>([
    ['the intelligence layer', {}, ['performance', 'foundation']],
    ['that layer, for many agents', { agents: 500 }, ['performance', 'performance']],
    ['the performance layer', { layer: 'performance' }, ['foundation', 'foundation']],
    ['that layer, for many', { layer: 'performance', agents: 500 }, [null, null]],
    ['the foundation layer', { layer: 'foundation' }, [null, null]],
  ])('holds a type one layer below what served it: %s', (_, more, caps) => {
    const { state, findings } = watched(4, (second, nowMs) => gathers(nowMs, second < 4 ? 10 : 100, 1, more));
    expect(state.held.gather).toMatchObject({ step: 0, caps });
    expect(findings).toMatchObject([{ change: 'first', held: { caps } }]);
    const orders = ordersOf({ ...blankWatch, goals: state, graceMs: 2_500 }, 4_000);
    expect(orders.demotions.map(({ maxLayer }) => maxLayer)).toEqual(caps[0] === null ? [] : [caps[0]]);
    // Until it has been looked at again.
    for (const { remainingMs } of orders.demotions) expect(remainingMs).toBe(settings.holdMs + 2_500);
  });
});
