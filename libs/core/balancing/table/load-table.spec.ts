import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LoadTable, type Outcome, type Ticket } from '../index.js';
import { endAs, fleetOf, idOf } from '../testdata/small-fleet.js';

const traits = { weight: 1, window: 2 };
const outcomes: readonly Outcome[] = ['done', 'failed', 'refused', 'lost', 'expired', 'withdrawn'];

describe('LoadTable', () => {
  it('counts what is in flight up and down, and ends a window with it', () => {
    const table = new LoadTable();
    const slot = table.upsert('a', traits, 0);
    const tickets = [table.begin(slot, 0), table.begin(slot, 0)];
    expect([table.inFlight(slot), table.totalInFlight, table.isOpen(slot, false)]).toEqual([2, 2, false]);
    table.end(tickets[0]!, 'done', 5, 5);
    expect([table.inFlight(slot), table.totalInFlight, table.isOpen(slot, false)]).toEqual([1, 1, true]);
  });

  it('counts what others have in flight against the window', () => {
    const table = new LoadTable();
    const slot = table.upsert('a', traits, 0);
    table.setElsewhere(slot, 2);
    expect([table.isOpen(slot, false), table.outstanding(slot), table.inFlight(slot)]).toEqual([false, 2, 0]);
    table.setElsewhere(slot, 1);
    expect(table.isOpen(slot, false)).toBe(true);
  });

  it('follows a window that changes', () => {
    const table = new LoadTable();
    const slot = table.upsert('a', traits, 0);
    table.begin(slot, 0);
    table.upsert('a', { weight: 1, window: 1 }, 0);
    expect(table.isOpen(slot, false)).toBe(false);
    table.upsert('a', traits, 0);
    expect(table.isOpen(slot, false)).toBe(true);
  });

  it('ignores how work of a former life ended, also when the slot is used again', () => {
    const table = new LoadTable();
    const slot = table.upsert('a', traits, 0);
    const late = table.begin(slot, 0);
    table.remove('a');
    expect([table.totalInFlight, table.slotOf('a'), table.size]).toEqual([0, -1, 0]);
    expect(table.upsert('b', traits, 0)).toBe(slot);
    table.begin(slot, 0);
    table.end(late, 'failed', 5, 5);
    expect([table.inFlight(slot), table.totalInFlight, table.idOf(slot)]).toEqual([1, 1, 'b']);
  });

  it('lets the weight of an agent on probation count for less, whatever it declares meanwhile', () => {
    const table = new LoadTable();
    const slot = table.upsert('a', { weight: 4, window: 2 }, 0);
    const changes = table.weightChanges;
    table.setProbation(slot, 0.25);
    expect([table.weight(slot), table.share(slot, 0), table.weightChanges]).toEqual([1, 1, changes + 1]);
    table.upsert('a', { weight: 8, window: 2 }, 0);
    expect(table.weight(slot)).toBe(2);
    table.setProbation(slot, 1);
    expect(table.weight(slot)).toBe(8);
  });

  it('gives nothing to an agent whose share is 0, save in panic, and keeps none of it for who has its slot next', () => {
    const table = new LoadTable();
    const slot = table.upsert('a', traits, 0);
    table.setProbation(slot, 0);
    expect([table.isOpen(slot, false), table.isOpen(slot, true), table.ejectedCount]).toEqual([
      false,
      true,
      1,
    ]);
    table.remove('a');
    expect(table.ejectedCount).toBe(0);
    expect(table.upsert('b', traits, 0)).toBe(slot);
    expect([table.isOpen(slot, false), table.weight(slot)]).toEqual([true, 1]);
    table.setProbation(slot, 0);
    table.setProbation(slot, 0.5);
    expect([table.isOpen(slot, false), table.weight(slot), table.ejectedCount]).toEqual([true, 0.5, 0]);
  });

  it('is a defect to end work twice', () => {
    const table = new LoadTable();
    const ticket = table.begin(table.upsert('a', traits, 0), 0);
    table.end(ticket, 'done', 1, 1);
    expect(() => table.end(ticket, 'done', 1, 1)).toThrow('has not ended before');
  });

  it('has nothing in flight after all ends, in whatever order, whoever left meanwhile', () => {
    const step = fc.record({
      agent: fc.nat({ max: 5 }),
      verb: fc.constantFrom('begin', 'begin', 'end', 'remove', 'upsert'),
      outcome: fc.constantFrom(...outcomes),
      passedMs: fc.nat({ max: 3_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.infiniteStream(fc.nat()), (steps, choices) => {
        const table = new LoadTable({ failuresInARow: 2, ejectionMs: 1_000 });
        const flying: { ticket: Ticket; life: object }[] = [];
        const lives = new Map<string, object>();
        let nowMs = 0;
        const endOne = (outcome: Outcome) => {
          const [ended] = flying.splice(choices.next().value! % flying.length, 1);
          table.end(ended!.ticket, outcome, 1, nowMs);
        };
        for (const { agent, verb, outcome, passedMs } of steps) {
          nowMs += passedMs;
          const agentId = idOf(agent);
          const slot = table.slotOf(agentId);
          if (verb === 'remove') {
            table.remove(agentId);
            lives.delete(agentId);
          } else if (verb === 'end' && flying.length > 0) endOne(outcome);
          else if (verb === 'upsert' || slot === -1) {
            table.upsert(agentId, traits, nowMs);
            if (slot === -1) lives.set(agentId, {});
          } else flying.push({ ticket: table.begin(slot, nowMs), life: lives.get(agentId)! });
          const known = new Set(lives.values());
          expect(table.totalInFlight).toBe(flying.filter(({ life }) => known.has(life)).length);
          for (const id of lives.keys()) expect(table.inFlight(table.slotOf(id))).toBeGreaterThanOrEqual(0);
        }
        while (flying.length > 0) endOne('done');
        expect(table.totalInFlight).toBe(0);
        for (const id of lives.keys()) expect(table.inFlight(table.slotOf(id))).toBe(0);
      }),
    );
  });

  describe('refusals', () => {
    it('leave an agent alone for as long as it asks', () => {
      const { table } = fleetOf({ agents: 2 });
      table.end(table.begin(0, 0), 'refused', 1, 0, 250);
      table.wake(249);
      expect([table.isOpen(0, false), table.isOpen(0, true)]).toEqual([false, false]);
      table.wake(250);
      expect(table.isOpen(0, false)).toBe(true);
    });

    it('are believed for longer each time without an answer between them, and never for ever', () => {
      const restsMs = (times: number) => {
        const { table } = fleetOf({ agents: 1 });
        endAs(table, 0, { outcome: 'refused', times });
        for (let nowMs = 0; ; nowMs += 10) {
          table.wake(nowMs);
          if (table.isOpen(0, false)) return nowMs;
        }
      };
      expect([1, 2, 3, 40].map(restsMs)).toEqual([100, 200, 400, 30_000]);
      const { table } = fleetOf({ agents: 1 });
      table.end(table.begin(0, 0), 'refused', 1, 0, Number.MAX_VALUE);
      table.wake(30_000);
      expect(table.isOpen(0, false)).toBe(true);
    });
  });

  describe('ejection', () => {
    const ejectedFor = (table: LoadTable, fromMs: number) => {
      for (let nowMs = fromMs; ; nowMs += 100) {
        table.wake(nowMs);
        if (!table.isEjected(0)) return nowMs - fromMs;
      }
    };

    it('comes after five failures in a row', () => {
      const { table } = fleetOf({ agents: 4 });
      endAs(table, 0, { times: 4 });
      endAs(table, 0, { outcome: 'done' });
      endAs(table, 0, { times: 4 });
      expect(table.isEjected(0)).toBe(false);
      endAs(table, 0);
      expect([table.isEjected(0), table.isOpen(0, false), table.isOpen(0, true)]).toEqual([
        true,
        false,
        true,
      ]);
      expect([table.ejectedCount, table.ejectionsTotal]).toEqual([1, 1]);
    });

    it.each(['lost', 'expired'] as const)('comes of work that is %s as well', (outcome) => {
      const { table } = fleetOf({ agents: 4 });
      endAs(table, 0, { outcome, times: 5 });
      expect(table.isEjected(0)).toBe(true);
    });

    it.each(['refused', 'withdrawn'] as const)('does not come of work that was %s', (outcome) => {
      const { table } = fleetOf({ agents: 4 });
      endAs(table, 0, { outcome, times: 50 });
      expect(table.isEjected(0)).toBe(false);
    });

    it('comes of half the work failing, though never five in a row', () => {
      const { table } = fleetOf({ agents: 4 });
      for (let round = 0; round < 20; round++) {
        for (const well of [1, 2, 3]) endAs(table, well, { outcome: 'done', times: 2 });
        endAs(table, 0, { times: 2 });
        endAs(table, 0, { outcome: 'done' });
      }
      expect(table.ejectionsTotal).toBeGreaterThan(0);
    });

    it('does not come when all fail alike: then it is the work', () => {
      const { table } = fleetOf({ agents: 20 });
      for (let round = 0; round < 50; round++) for (let slot = 0; slot < 20; slot++) endAs(table, slot);
      expect(table.ejectedCount).toBe(0);
    });

    it('is never of more than half', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat({ max: 8 })), (agents, failing) => {
          const { table } = fleetOf({ agents });
          for (const [at, slot] of failing.entries()) {
            endAs(table, slot % agents, { times: 5, nowMs: at * 500 });
            expect(table.ejectedCount).toBeLessThanOrEqual(agents / 2);
          }
        }),
      );
    });

    it('ends with one request on trial, and with slow start when that is done', () => {
      const { table } = fleetOf({ agents: 4 });
      endAs(table, 0, { times: 5 });
      expect(ejectedFor(table, 0)).toBe(5_000);
      expect(table.isOpen(0, false)).toBe(true);
      const trial = table.begin(0, 5_000);
      expect(table.isOpen(0, false)).toBe(false);
      table.end(trial, 'done', 10, 5_010);
      expect(table.isOpen(0, false)).toBe(true);
      expect([5_010, 10_010, 15_010].map((nowMs) => table.share(0, nowMs))).toEqual([0.1, 0.5, 1]);
    });

    it('lasts twice as long after each trial that fails, up to its limit', () => {
      const { table } = fleetOf({ agents: 4, ejectionMsMax: 30_000 });
      endAs(table, 0, { times: 5 });
      const lengths = [];
      for (let nowMs = 0; lengths.length < 5;) {
        const lastedMs = ejectedFor(table, nowMs);
        lengths.push(lastedMs);
        nowMs += lastedMs;
        endAs(table, 0, { nowMs });
      }
      expect(lengths).toEqual([5_000, 10_000, 20_000, 30_000, 30_000]);
    });

    it('begins short again after it was well for long', () => {
      const { table } = fleetOf({ agents: 4 });
      endAs(table, 0, { times: 5 });
      table.wake(5_000);
      endAs(table, 0, { outcome: 'done', nowMs: 5_000 });
      endAs(table, 0, { times: 5, nowMs: 100_000 });
      expect(ejectedFor(table, 100_000)).toBe(5_000);
    });

    it('is not decided by a trial that was withdrawn or refused: there is another one', () => {
      const { table } = fleetOf({ agents: 4 });
      endAs(table, 0, { times: 5 });
      table.wake(5_000);
      endAs(table, 0, { outcome: 'withdrawn', nowMs: 5_000 });
      expect(table.isOpen(0, false)).toBe(true);
      endAs(table, 0, { outcome: 'refused', nowMs: 5_000 });
      table.wake(5_100);
      const trial = table.begin(0, 5_100);
      expect(table.isOpen(0, false)).toBe(false);
      table.end(trial, 'failed', 1, 5_101);
      expect(table.isEjected(0)).toBe(true);
    });

    it('ends early by work that was done in panic', () => {
      const { table } = fleetOf({ agents: 4 });
      endAs(table, 0, { times: 5 });
      endAs(table, 0, { nowMs: 100 });
      expect(table.isEjected(0)).toBe(true);
      endAs(table, 0, { outcome: 'done', nowMs: 200 });
      expect([table.isEjected(0), table.isOpen(0, false)]).toEqual([false, true]);
    });

    it('is not of a later agent in the same slot', () => {
      const { table, candidates } = fleetOf({ agents: 4 });
      endAs(table, 0, { times: 5 });
      candidates.close();
      table.remove(idOf(0));
      expect(table.upsert('new', { weight: 1, window: 1 }, 10)).toBe(0);
      expect([table.isEjected(0), table.isOpen(0, false), table.ejectedCount]).toEqual([false, true, 0]);
    });
  });

  describe('slow start', () => {
    it('lets a newcomer grow to its weight', () => {
      const { table } = fleetOf({ agents: 2 });
      const slot = table.upsert('new', { weight: 4, window: 1 }, 60_000);
      expect([60_000, 65_000, 70_000].map((nowMs) => table.share(slot, nowMs))).toEqual([0.4, 2, 4]);
    });

    it('does not hold for agents that were there when the table was filled', () => {
      const { table } = fleetOf({ agents: 2 });
      expect(table.share(table.upsert('new', { weight: 4, window: 1 }, 9_999), 9_999)).toBe(4);
    });
  });

  describe('latency', () => {
    it('of one that has not answered yet is what is usual', () => {
      const { table } = fleetOf({ agents: 2 });
      endAs(table, 0, { outcome: 'done', latencyMs: 20, times: 10 });
      expect(table.meanLatencyMs(1)).toBeCloseTo(20);
      expect(table.peakLatencyMs(1, 0)).toBeCloseTo(20);
    });

    it('of zero is above zero', () => {
      const { table } = fleetOf({ agents: 1 });
      endAs(table, 0, { outcome: 'done', latencyMs: 0 });
      expect(table.meanLatencyMs(0)).toBeGreaterThan(0);
    });

    it('is not improved by failing fast', () => {
      const { table } = fleetOf({ agents: 2 });
      endAs(table, 0, { outcome: 'done', latencyMs: 20 });
      endAs(table, 0, { outcome: 'failed', latencyMs: 0.1, times: 4 });
      expect(table.meanLatencyMs(0)).toBe(20);
      expect(table.successShare(0, 0)).toBeLessThan(0.5);
      endAs(table, 0, { outcome: 'expired', latencyMs: 1_000 });
      expect(table.meanLatencyMs(0)).toBeGreaterThan(20);
    });

    it('peaks at once, and is forgotten with time', () => {
      const { table } = fleetOf({ agents: 2 });
      endAs(table, 1, { outcome: 'done', latencyMs: 10, times: 1_000 });
      endAs(table, 0, { outcome: 'done', latencyMs: 10 });
      endAs(table, 0, { outcome: 'done', latencyMs: 500 });
      expect(table.peakLatencyMs(0, 0)).toBeCloseTo(500);
      expect(table.peakLatencyMs(0, 10_000)).toBeLessThan(210);
      expect(table.peakLatencyMs(0, 100_000)).toBeLessThan(20);
    });
  });

  describe('reports', () => {
    it('weigh cpu, memory and queue, each up to 1', () => {
      const { table } = fleetOf({ agents: 1, window: 16 });
      table.report(0, { cpu: 1, memory: 0, queueDepth: 0 }, 0);
      expect(table.reportedLoad(0, 0)).toBeCloseTo(0.4);
      table.report(0, { cpu: 0, memory: 1, queueDepth: 0 }, 0);
      expect(table.reportedLoad(0, 0)).toBeCloseTo(0.3);
      table.report(0, { cpu: 0, memory: 0, queueDepth: 16 }, 0);
      expect(table.reportedLoad(0, 0)).toBeCloseTo(0.15);
      table.report(0, { cpu: 9, memory: 9, queueDepth: 1e12 }, 0);
      expect(table.reportedLoad(0, 0)).toBeCloseTo(1);
    });

    it('age towards not knowing', () => {
      const { table } = fleetOf({ agents: 1 });
      table.report(0, { cpu: 0, memory: 0, queueDepth: 8 }, 0);
      const loads = [0, 7_500, 15_000, 99_000].map((nowMs) => table.reportedLoad(0, nowMs));
      expect(loads).toEqual([0.1, 0.3, 0.5, 0.5].map((load) => expect.closeTo(load) as unknown));
      expect([0, 7_500, 15_000].map((nowMs) => table.reportedQueueDepth(0, nowMs))).toEqual([8, 4, 0]);
    });

    it.each([Number.NaN, Infinity])('of %d say nothing', (cpu) => {
      const { table } = fleetOf({ agents: 1 });
      table.report(0, { cpu, memory: 0, queueDepth: 0 }, 0);
      expect(table.reportedLoad(0, 0)).toBe(0.5);
    });
  });

  it('keeps a node of agents that come and go apart from others', () => {
    const { table } = fleetOf({ agents: 3, nodes: ['n1', 'n1', 'n2'] });
    expect(table.nodeOf(0)).toBe(table.nodeNumber('n1'));
    expect(table.nodeOf(2)).toBe(table.nodeNumber('n2'));
    table.remove(idOf(2));
    expect(table.nodeNumber('n2')).toBe(-1);
    table.upsert(idOf(1), { weight: 1, window: 1, node: 'n3' }, 0);
    expect(table.nodeOf(1)).toBe(table.nodeNumber('n3'));
    expect(table.nodeOf(1)).not.toBe(table.nodeNumber('n1'));
  });
});
