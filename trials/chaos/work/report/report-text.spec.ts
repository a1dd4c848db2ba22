import { describe, expect, it } from '@jest/globals';
import { type WorkReport } from './report.js';
import { reportText } from './report-text.js';

const report: WorkReport = {
  ...{ seed: 7, agents: 20, coordinators: 2, parallel: 32, tookMs: 60_000, loadMs: 10_000 },
  requests: { count: 400, p50Ms: 120, p99Ms: 5_000, maxMs: 5_400 },
  kills: [{ agentId: 'agent-3', atShare: 0.2 }],
  accounts: {
    ...{ units: 10_000, requests: 400, done: 9_999, failed: { unavailable: 1 }, refused: {} },
    ...{ runs: 10_012, ranAgain: 13, triedAgain: 14, layers: { performance: 400 } },
    ...{ numbers: { shared: 30, own: 20 }, misaccounted: [], misrun: [] },
  },
  flight: {
    ...{ looks: 50, inFlightPeak: 80, inFlightMaxPeak: 4, ejectionsTotal: 0, zeroAfterMs: 40 },
    atEnd: [
      { id: 'c-1', inFlight: 0, inFlightMax: 0, elsewhere: 0, waiting: 0, ejected: 0, ejectionsTotal: 0 },
    ],
  },
  onlySurvivorsAfterMs: 4_000,
  outage: { ownAfterMs: 500, awayMs: 700, sharedAfterMs: 1_500, refused: {} },
  numbers: { processes: 2, taken: 100_000, handovers: 40, twice: 0, unshared: 0, leftOut: 12 },
  ...{ objections: [], isGood: true },
};

describe('reportText', () => {
  it('says what became of the work, with the seed', () => {
    const text = reportText(report);
    expect(text).toContain('10000 units in 400 requests');
    expect(text).toContain('seed 7');
    expect(text).toMatch(/failed: unavailable +1\n/);
    expect(text).toContain('0 everywhere 40.0 ms after the last reply');
    expect(text).toContain('redis was away for 700.0 ms');
    expect(text).toMatch(/verdict: every unit was accounted for once/);
  });

  it('names what is wrong', () => {
    const { accounts, flight } = report;
    const text = reportText({
      ...report,
      accounts: { ...accounts, misrun: ['u4 ran 2 times in 1 attempts'] },
      flight: { ...flight, zeroAfterMs: null },
      ...{ outage: null, objections: ['one', 'two'], isGood: false },
    });
    expect(text).toContain('u4 ran 2 times in 1 attempts');
    expect(text).toContain('not 0 everywhere within 5.0 s');
    expect(text).not.toContain('redis');
    expect(text).toContain('verdict: VIOLATED: one; two');
  });
});
