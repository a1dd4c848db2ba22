import { describe, expect, it } from '@jest/globals';
import { type RoundReport } from '../round.js';
import { leaderKilled } from './leader-killed.js';
import { type QuietReport, type Report } from './report.js';
import { reportText } from './report-text.js';

const quiet = (load: QuietReport['load']): QuietReport => ({
  durationMs: 600_000,
  load,
  committed: load === 'full' ? 1_200_000 : 0,
  failed: 0,
  longestStallMs: { 'consensus-1': 41 },
});

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
  operations: { recorded: 3, unknown: 0, errors: {} },
  ownDelay: { p99Ms: 1, maxMs: 2 },
  failure: null,
  judgement: {
    keys: 1,
    acknowledged: 3,
    lost: [],
    linearizability: { kind: 'linearizable', objects: 1, operations: 3 },
    outOfOrder: 0,
    stateDifferences: [],
    logs: { compared: 4, differences: [] },
  },
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
    const text = reportText(report({ quiet: quiet(load) }));
    expect(text).toContain('verdict: calm: 0 elections; no history was judged');
    expect(text).not.toContain('linearizable');
    expect(text).not.toContain('lost');
    expect(text).toContain('longest stall of an event loop: consensus-1 41.0 ms');
  });

  it('says both of a quiet run under the paced load', () => {
    expect(reportText(report({ quiet: quiet('paced') }))).toContain(
      'verdict: calm: 0 elections; nothing acknowledged was lost, every history is linearizable',
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
