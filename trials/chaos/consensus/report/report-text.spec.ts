import { describe, expect, it } from '@jest/globals';
import { type RoundReport } from '../round.js';
import { judgement, quiet, recorded, unheard } from '../testdata/runs.js';
import { leaderKilled } from './leader-killed.js';
import { type Report } from './report.js';
import { reportText } from './report-text.js';

const report = (fields: Partial<Report> = {}): Report => ({
  seed: 1,
  replicas: 3,
  faults: [],
  tookMs: 1_000,
  rounds: [],
  quiet: null,
  scenario: null,
  failover: {},
  leaderKilled: null,
  back: {},
  terms: { first: 1, last: 1 },
  falseElections: 0,
  operations: recorded,
  ownDelay: { p99Ms: 1, maxMs: 2 },
  failure: null,
  judgement: judgement(),
  objections: [],
  isGood: true,
  ...fields,
});

const round = (kind: string, failoverMs: number): RoundReport => ({
  round: 1,
  kind,
  replicas: [],
  failoverMs,
  backMs: 1,
  termBefore: 1,
  termAfter: 2,
  falseElections: 0,
});

describe('the report for people', () => {
  it.each(['none', 'full'] as const)('claims nothing of histories under load %s', (load) => {
    const text = reportText(report({ ...unheard, quiet: quiet(load, load === 'full' ? 1_200_000 : 0) }));
    expect(text).toContain('verdict: calm: 0 elections; no history was judged');
    expect(text).not.toContain('linearizable');
    expect(text).not.toContain('lost');
    expect(text).toContain('longest stall of an event loop: consensus-1 41.0 ms');
    expect(text).toContain('a flush on the disk of the logs: p50 1.2 ms, p99 9.0 ms, max 163.0 ms, n = 5900');
  });

  it('says both of a quiet run under the paced load', () => {
    expect(reportText(report({ quiet: quiet('paced') }))).toContain(
      'verdict: calm: 0 elections; nothing acknowledged was lost, every history is linearizable',
    );
  });

  it('claims nothing of histories where a scenario wrote none', () => {
    const scenario = { name: 'paused lease holder', facts: { 'refused afterwards': 20 }, violations: [] };
    const text = reportText(report({ ...unheard, scenario }));
    expect(text).toContain('verdict: the scenario saw no violation; no history was judged');
    expect(text).not.toContain('linearizable');
    expect(text).not.toContain('lost');
  });

  it('says both of a scenario whose clients wrote one', () => {
    const scenario = { name: 'paused leader', facts: {}, violations: [] };
    expect(reportText(report({ scenario }))).toContain(
      'verdict: the scenario saw no violation; nothing acknowledged was lost, every history is linearizable',
    );
  });

  it('names what speaks against a run', () => {
    const text = reportText(
      report({ objections: ['2 elections', 'nothing was acknowledged'], isGood: false }),
    );
    expect(text).toContain('verdict: VIOLATED: 2 elections; nothing was acknowledged');
  });

  it('prints failovers after the death of a leader beside their goal', () => {
    const rounds = [
      round('kill leader', 300),
      round('kill leader and follower', 1_200.4),
      round('kill leader', 310),
      round('kill follower', 12),
      round('pause leader', 5_000),
    ];
    const killed = leaderKilled(rounds);
    expect(killed).toMatchObject({ count: 3, p50Ms: 310, p99Ms: 1_200.4, isMet: false });
    expect(reportText(report({ leaderKilled: killed }))).toContain(
      'failover after kill leader: p50 310 ms (goal ≤ 450 ms), p99 1200 ms (goal ≤ 1 s), n = 3',
    );
    expect(leaderKilled([round('kill follower', 12)])).toBeNull();
  });
});
