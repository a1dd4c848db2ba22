import { describe, expect, it } from '@jest/globals';
import { timesOf } from '../../times.js';
import { type MemoryReport, toldOfAfterMs } from '../memory/growth.js';
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
  memory: { lives: [], roles: [] },
  killed: 6,
  durationMs: 30_000,
  failure: null,
};
type Lows = Partial<Record<'held' | 'resident', number>>;
const slopes = ({ held = 0, resident = 0 }: Lows) => {
  const above = (low: number) => ({ perMinute: low + 1, low, high: low + 2 });
  return { held: above(held), resident: above(resident) };
};
/** Of one agent, and of all agents, where their slopes surely lie above. */
const memory = (ofLife: Lows, ofRole: Lows = {}): MemoryReport => ({
  lives: [{ id: 'agent-1', role: 'agent', minutes: 3, lastMegabytes: 60, ...slopes(ofLife) }],
  roles: [{ role: 'agent', lives: 1, medianMegabytes: 60, ...slopes(ofRole) }],
});

describe('objections to a run of the membership', () => {
  it('are none to a good one, also when it had to refute a suspicion', () => {
    expect(objections(good)).toEqual([]);
  });

  it('are none to the RSS of young processes that hold no more', () => {
    const young = memory({ resident: 2.6, held: 0.1 }, { resident: 2.6, held: 0.1 });
    expect(objections({ ...good, memory: young, durationMs: 300_000 })).toEqual([]);
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
    ['1 processes grow: agent-1', { memory: memory({ held: 1.5 }) }],
    ['1 processes grow: agent-1', { memory: memory({ resident: 6 }) }],
    ['of a role grow, taken together: agent', { memory: memory({}, { held: 0.6 }) }],
    ['of a role grow, taken together: agent', { memory: memory({}, { resident: 4.5 }) }],
    ['no process lasted long enough', { durationMs: toldOfAfterMs }],
  ])('name it: %s', (words, fields) => {
    expect(objections({ ...good, ...fields })).toEqual([expect.stringContaining(words)]);
  });
});
