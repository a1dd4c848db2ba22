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

const settings = { windowMs: 1_000, samplesMin: 10, deviations: 4, holdMs: 1_000 };
const types = ['gather', 'load_balance'] as const;
const random = new SeededRandom(4);

const gathers = (nowMs: number, medianMs: number, success = 1): GoalSample[] =>
  Array.from({ length: 30 }, (_, at) => {
    const durationMs = medianMs * random.between(0.5, 1.9);
    return { type: 'gather', residualLog: Math.log1p(durationMs) - 2, durationMs, success, atMs: nowMs - at };
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

  it('holds nothing against a type that was dismissed, for as long', () => {
    const { state } = watched(4, (second, nowMs) => gathers(nowMs, second < 4 ? 10 : 100));
    const quiet = dismissGoal(state, 'gather', 9_000);
    expect(quiet.held).toEqual({});
    const look = (nowMs: number) => watchGoals(quiet, types, gathers(nowMs, 100), { ...settings, nowMs });
    expect(look(8_000).findings).toEqual([]);
    expect(look(9_000).findings).toMatchObject([{ change: 'first' }]);
  });
});
