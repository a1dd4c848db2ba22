import { describe, expect, it } from '@jest/globals';
import { timesOf } from '../../times.js';
import { type Growth } from '../memory/growth.js';
import { objections, type Run } from './objections.js';

const kind = { asked: 10, failedByKill: 1, times: timesOf([1]) };
const good: Run = {
  membership: {
    ...{ deaths: 5, returns: 5, late: [], falseDeaths: [], resurrections: [], falseSuspicions: 1 },
    ...{ suspected: timesOf([1]), noticed: timesOf([1]), known: timesOf([1]) },
  },
  end: { agreedAfterMs: 1, convergedAfterMs: 2 },
  load: { kinds: { gather: kind, broadcast: kind, decision: kind }, unexplained: [] },
  deliveries: { delivered: 10, givenUp: 0, disordered: [], lost: [] },
  memory: [],
  killed: 6,
  failure: null,
};
const growth = (low: number): Growth => ({
  ...{ id: 'agent-1', role: 'agent', minutes: 3, lastMegabytes: 60, perMinute: low + 1, low, high: low + 2 },
  heap: { perMinute: 0, low: -1, high: 1 },
});

describe('objections to a run of the membership', () => {
  it('are none to a good one, also when it had to refute a suspicion', () => {
    expect(objections(good)).toEqual([]);
  });

  it.each<[string, Partial<Run>]>([
    ['did not know in time', { membership: { ...good.membership, late: ['x'] } }],
    ['held for dead', { membership: { ...good.membership, falseDeaths: ['x'] } }],
    ['held for alive again', { membership: { ...good.membership, resurrections: ['x'] } }],
    ['nobody had anything to notice', { membership: { ...good.membership, deaths: 0, returns: 0 } }],
    ['nobody had anything to notice', { killed: 0 }],
    ['did not agree', { end: null }],
    ['did not happen: x', { end: null, failure: 'x' }],
    ['no kill explains', { load: { ...good.load, unexplained: ['x'] } }],
    ['out of order', { deliveries: { ...good.deliveries, disordered: ['x'] } }],
    ['not delivered', { deliveries: { ...good.deliveries, lost: ['x'] } }],
    ['nothing was asked or delivered', { deliveries: { ...good.deliveries, delivered: 0 } }],
    ['1 processes grow: agent-1', { memory: [growth(1.5), growth(-0.5)] }],
  ])('name it: %s', (words, fields) => {
    expect(objections({ ...good, ...fields })).toEqual([expect.stringContaining(words)]);
  });
});
