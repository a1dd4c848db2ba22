import { describe, expect, it } from '@jest/globals';
import { objections, type Run } from './objections.js';

const good: Run = {
  accounts: {
    ...{ units: 10, requests: 2, done: 10, failed: {}, refused: {}, runs: 11, ranAgain: 1, triedAgain: 1 },
    ...{ layers: { performance: 2 }, numbers: { shared: 1, own: 1 }, misaccounted: [], misrun: [] },
  },
  flight: {
    ...{ looks: 3, inFlightPeak: 8, inFlightMaxPeak: 4, ejectionsTotal: 0, zeroAfterMs: 20, atEnd: [] },
  },
  kills: [{ agentId: 'agent-1', atShare: 0.2 }],
  onlySurvivorsAfterMs: 3_000,
  outage: { ownAfterMs: 300, awayMs: 400, sharedAfterMs: 1_500, refused: { overloaded: 3 } },
  numbers: { processes: 2, taken: 100, handovers: 4, twice: 0, unshared: 0, leftOut: 7 },
};

describe('objections', () => {
  it('has none to a good run, with and without an outage', () => {
    expect(objections(good)).toEqual([]);
    expect(objections({ ...good, outage: null })).toEqual([]);
  });

  const { accounts, flight, numbers } = good;
  const outage = good.outage!;
  it.each<[Partial<Run>, string]>([
    [{ accounts: { ...accounts, misaccounted: ['u1'] } }, '1 results are missing, strange or there twice'],
    [{ accounts: { ...accounts, misrun: ['u1'] } }, '1 times a unit ran otherwise than its result says'],
    [{ accounts: { ...accounts, done: 0 } }, 'nothing was done'],
    [{ accounts: { ...accounts, layers: { foundation: 1 } } }, 'requests were served by foundation'],
    [{ accounts: { ...accounts, triedAgain: 0 } }, 'nobody was killed in flight'],
    [{ kills: [] }, 'nobody was killed in flight'],
    [{ flight: { ...flight, inFlightPeak: 0 } }, 'nothing was seen in flight'],
    [{ flight: { ...flight, inFlightMaxPeak: 5 } }, 'an agent that takes 4 at once was given 5'],
    [
      { flight: { ...flight, zeroAfterMs: null } },
      'something was still in flight 5000 ms after the last reply',
    ],
    [{ onlySurvivorsAfterMs: null }, 'the list of agents never was that of the survivors'],
    [{ outage: { ...outage, ownAfterMs: null } }, 'with Redis away numbers were still said to be shared'],
    [{ outage: { ...outage, sharedAfterMs: null } }, 'with Redis back numbers were not shared again'],
    [{ outage: { ...outage, refused: { internal: 1 } } }, 'with Redis away agents were not chosen: internal'],
    [{ numbers: { ...numbers, twice: 2 } }, '2 round-robin numbers were given out twice'],
    [
      { numbers: { ...numbers, unshared: 2 } },
      '2 round-robin numbers were not shared, though Redis was there',
    ],
    [{ numbers: { ...numbers, handovers: 0 } }, 'the processes that took numbers did not meet'],
  ])('objects to %j', (change, objection) => {
    expect(objections({ ...good, ...change })).toEqual([objection]);
  });
});
