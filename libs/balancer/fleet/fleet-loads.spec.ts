import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HandRoutes } from '../testdata/hand-routes.js';
import { FleetLoads } from './fleet-loads.js';
import { type Selection } from './selection.js';

const g = { kind: 'group', group: 'g' } as const;
const loadsOn = (routes: HandRoutes) => new FleetLoads({ routes, agentWindow: 2, now: () => 0 });
const idsOf = (loads: FleetLoads, { candidates }: Selection) =>
  [...candidates.slots].map((slot) => loads.table.idOf(slot));

describe('FleetLoads', () => {
  it('follows the table change by change, in every set that somebody uses', () => {
    const routes = new HandRoutes(['b', 'd']);
    const loads = loadsOn(routes);
    const group = loads.select(g);
    const named = loads.select({ kind: 'ids', ids: ['a', 'b'] });
    routes.join('a');
    routes.join('c', { groups: ['other'] as never });
    expect(idsOf(loads, group)).toEqual(['a', 'b', 'd']);
    expect(idsOf(loads, named)).toEqual(['a', 'b']);
    routes.remove('b', 'gone');
    routes.join('d', { groups: ['other'] as never });
    expect(idsOf(loads, group)).toEqual(['a']);
    expect(idsOf(loads, named)).toEqual(['a']);
    routes.reload(['b', 'c']);
    expect(idsOf(loads, group)).toEqual(['b', 'c']);
    expect(idsOf(loads, named)).toEqual(['b']);
    expect([...loads.table.agentIds()].sort()).toEqual(['b', 'c']);
  });

  it('keeps agents on probation, also those that join later, until it is told otherwise', () => {
    const routes = new HandRoutes(['a', 'b']);
    const loads = loadsOn(routes);
    const weightOf = (agentId: string) => loads.table.weight(loads.table.slotOf(agentId));
    loads.setProbation(
      new Map([
        ['a', 0.25],
        ['c', 0.5],
      ]),
    );
    routes.join('c');
    expect(['a', 'b', 'c'].map(weightOf)).toEqual([0.25, 1, 0.5]);
    loads.setProbation(new Map([['c', 0]]));
    expect(weightOf('a')).toBe(1);
    expect(loads.table.isOpen(loads.table.slotOf('c'), false)).toBe(false);
    loads.setProbation(new Map());
    expect(loads.table.isOpen(loads.table.slotOf('c'), false)).toBe(true);
  });

  it('takes suspected agents only while there is nobody else', () => {
    const routes = new HandRoutes(['a', 'b']);
    const loads = loadsOn(routes);
    const group = loads.select(g);
    routes.join('a', { liveness: 'suspected' });
    expect(idsOf(loads, group)).toEqual(['b']);
    routes.join('b', { liveness: 'suspected' });
    expect(idsOf(loads, group)).toEqual(['a', 'b']);
    routes.join('a');
    expect(idsOf(loads, group)).toEqual(['a']);
  });

  it('leaves out an agent that nobody listens for until its row changes', () => {
    const routes = new HandRoutes(['a', 'b']);
    const loads = loadsOn(routes);
    const group = loads.select(g);
    loads.unreachable('a');
    expect(idsOf(loads, group)).toEqual(['b']);
    expect(idsOf(loads, loads.select({ kind: 'all' }))).toEqual(['b']);
    routes.join('a');
    expect(idsOf(loads, group)).toEqual(['a', 'b']);
  });

  describe('with an agent that nobody listens for, and whose row stays as it is', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    it('tries it again after a while, each time a longer one, until it answers', () => {
      const loads = loadsOn(new HandRoutes(['a', 'b']));
      const group = loads.select(g);
      let arrivals = 0;
      loads.onArrival(() => (arrivals += 1));
      const restsFor = (ms: number) => {
        loads.unreachable('a');
        loads.unreachable('a'); // what was sent to it at the same time
        jest.advanceTimersByTime(ms - 1);
        expect(idsOf(loads, group)).toEqual(['b']);
        jest.advanceTimersByTime(1);
        expect(idsOf(loads, group)).toEqual(['a', 'b']);
      };
      restsFor(1_000);
      restsFor(2_000);
      restsFor(4_000);
      const ticket = loads.begin(loads.table.slotOf('a'), 0);
      loads.end('a', { ticket, outcome: 'done', latencyMs: 1 }, 1);
      restsFor(1_000);
      expect(arrivals).toBe(4);
    });

    it('does not bring it back once it is registered no more', () => {
      const routes = new HandRoutes(['a', 'b']);
      const loads = loadsOn(routes);
      const group = loads.select(g);
      loads.unreachable('a');
      routes.remove('a', 'gone');
      jest.advanceTimersByTime(60_000);
      expect(idsOf(loads, group)).toEqual(['b']);
    });
  });

  it('keeps a set that is in use when hundreds of others are asked for', () => {
    const routes = new HandRoutes(['a']);
    const loads = loadsOn(routes);
    const group = loads.select(g);
    for (let n = 0; n < 300; n += 1) loads.release(loads.select({ kind: 'group', group: `g${n}` }));
    routes.join('b');
    expect(idsOf(loads, group)).toEqual(['a', 'b']);
    loads.release(group);
    expect(idsOf(loads, loads.select(g))).toEqual(['a', 'b']);
  });

  it('tells once what has changed, and what all have', () => {
    const routes = new HandRoutes(['a', 'b']);
    const loads = loadsOn(routes);
    const slot = loads.table.slotOf('a');
    const ticket = loads.begin(slot, 0);
    loads.begin(slot, 0);
    expect(loads.takeChanged()).toEqual([['a', 2]]);
    expect(loads.takeChanged()).toEqual([]);
    loads.end('a', { ticket, outcome: 'done', latencyMs: 1 }, 1);
    expect(loads.busy()).toEqual([['a', 1]]);
    routes.remove('a', 'gone');
    expect(loads.takeChanged()).toEqual([['a', 0]]);
    expect(loads.table.totalInFlight).toBe(0);
  });

  it('gives agents that declared no window the one that it is told last', () => {
    const loads = loadsOn(new HandRoutes(['a']));
    loads.begin(loads.table.slotOf('a'), 0);
    loads.setAgentWindow(7);
    expect(loads.table.window(loads.table.slotOf('a'))).toBe(7);
    expect(loads.table.totalInFlight).toBe(1);
  });

  it('counts what others have in flight at agents that come back', () => {
    const routes = new HandRoutes(['a']);
    const loads = loadsOn(routes);
    loads.addElsewhere('a', 2);
    loads.addElsewhere('later', 2);
    routes.join('later');
    expect(loads.table.outstanding(loads.table.slotOf('a'))).toBe(2);
    expect(loads.table.outstanding(loads.table.slotOf('later'))).toBe(2);
    loads.addElsewhere('a', -2);
    expect(loads.table.outstanding(loads.table.slotOf('a'))).toBe(0);
  });
});
