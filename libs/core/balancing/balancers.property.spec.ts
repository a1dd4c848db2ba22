import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type AlgorithmName,
  algorithmNames,
  type Balancer,
  balancerOf,
  Candidates,
  hashOf,
  noAgent,
  type Outcome,
  type PickRequest,
  type Ticket,
} from './index.js';
import { endAs, fleetOf, idOf } from './testdata/small-fleet.js';

/** Sets that are scanned, and the same sampled: what holds for one must hold for the other. */
const scanMaxima = [64, 0] as const;
const cases = algorithmNames.flatMap((name) => scanMaxima.map((scanMax) => [name, scanMax] as const));

interface Flying {
  readonly slot: number;
  readonly ticket: Ticket;
}

interface Step {
  readonly verb: string;
  readonly at: number;
  readonly outcome: Outcome;
  readonly passedMs: number;
  readonly excluded: readonly number[];
}

/** The next piece of work: it has the next number, and a key of its own. */
function next(balancer: Balancer, request: PickRequest): number {
  request.number += 1;
  request.affinity = hashOf(`key-${request.number}`);
  return balancer.pick(request);
}

/** Keeps so much work in flight that ends in the order in which it began, and counts who got it. */
function countsUnderLoad(
  name: AlgorithmName,
  { fleet, scanMax, picks }: { fleet: ReturnType<typeof fleetOf>; scanMax: number; picks: number },
): number[] {
  const { table, request, candidates } = fleet;
  const balancer = balancerOf(name, { scanMax });
  const flying: Flying[] = [];
  const counts = new Array<number>(candidates.size).fill(0);
  for (let pick = 0; pick < picks; pick++) {
    request.nowMs += 1;
    const slot = next(balancer, request);
    if (slot === noAgent) throw new Error('there is room');
    counts[slot]!++;
    flying.push({ slot, ticket: table.begin(slot, request.nowMs) });
    if (flying.length < 12 * candidates.size) continue;
    const { ticket } = flying.shift()!;
    table.end(ticket, 'done', 10, request.nowMs);
  }
  return counts;
}

describe.each(cases)('%s, sets up to %d scanned', (name, scanMax) => {
  it('picks one that may be given work, and none only when there is none', () => {
    const step = fc.record({
      verb: fc.constantFrom('pick', 'pick', 'pick', 'pick', 'end', 'leave', 'join', 'elsewhere', 'report'),
      at: fc.nat(),
      outcome: fc.constantFrom<Outcome[]>(
        'done',
        'done',
        'failed',
        'refused',
        'lost',
        'expired',
        'withdrawn',
      ),
      passedMs: fc.nat({ max: 2_000 }),
      excluded: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
    });
    const run = (steps: readonly Step[], agents: number, seed: number): number[] => {
      const nodes = Array.from({ length: agents }, (_, agent) => `node-${agent % 3}`);
      const fleet = fleetOf({ agents, window: 2, nodes, seed, ejectionMs: 1_000 });
      const { table, candidates, request } = fleet;
      request.preferredNode = 'node-1';
      const balancer = balancerOf(name, { scanMax });
      const flying: Flying[] = [];
      const picked: number[] = [];
      const pickOne = (excluded: readonly number[]): number => {
        request.excludeNone();
        for (const slot of excluded) request.exclude(slot);
        const choice = next(balancer, request);
        const open = [...candidates.slots].filter(
          (member) => table.isOpen(member, candidates.isPanic) && !excluded.includes(member),
        );
        if (open.length === 0) expect(choice).toBe(noAgent);
        else expect(open).toContain(choice);
        return choice;
      };
      for (const { verb, at, outcome, passedMs, excluded } of steps) {
        request.nowMs += passedMs;
        const agentId = idOf(at % agents);
        const slot = table.slotOf(agentId);
        if (verb === 'pick') {
          const choice = pickOne(excluded);
          picked.push(choice);
          if (choice !== noAgent) flying.push({ slot: choice, ticket: table.begin(choice, request.nowMs) });
        } else if (verb === 'end' && flying.length > 0) {
          const [ended] = flying.splice(at % flying.length, 1);
          table.end(ended!.ticket, outcome, at % 100, request.nowMs);
        } else if (verb === 'leave') {
          table.remove(agentId);
          // The set may hear of it later than the table.
          if (at % 2 === 0) candidates.remove(agentId);
        } else if (verb === 'join') {
          table.upsert(agentId, { weight: 1 + (at % 3), window: 2, node: `node-${at % 3}` }, request.nowMs);
          candidates.add(agentId);
        } else if (verb === 'elsewhere' && slot !== -1) table.setElsewhere(slot, at % 3);
        else if (slot !== -1) {
          table.report(slot, { cpu: (at % 10) / 10, memory: 0.5, queueDepth: at % 7 }, request.nowMs);
        }
      }
      for (const { ticket } of flying) table.end(ticket, 'done', 1, request.nowMs);
      expect(table.totalInFlight).toBe(0);
      return picked;
    };
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 10 }),
        fc.nat(),
        (steps, agents, seed) => {
          // And picks the same again with the same chance.
          expect(run(steps, agents, seed)).toEqual(run(steps, agents, seed));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is fair to equals: under load each gets about as much', () => {
    const counts = countsUnderLoad(name, {
      fleet: fleetOf({ agents: 10, window: 64 }),
      scanMax,
      picks: 3_000,
    });
    expect(Math.min(...counts)).toBeGreaterThan(150);
    expect(Math.max(...counts)).toBeLessThan(450);
  });

  it('gives work by weight, and starves nobody', () => {
    const weights = [1, 1, 1, 1, 2, 2, 2, 4, 4, 4];
    const fleet = fleetOf({ agents: 10, window: 256, weights });
    const counts = countsUnderLoad(name, { fleet, scanMax, picks: 6_000 });
    for (const [agent, count] of counts.entries()) {
      const part = (6_000 * weights[agent]!) / 22;
      expect([agent, count / part > 0.5, count / part < 1.5]).toEqual([agent, true, true]);
    }
  });

  it('gives one that is ejected nothing, and after its trial little by little', () => {
    const { table, request } = fleetOf({ agents: 10, window: 64 });
    const balancer = balancerOf(name, { scanMax });
    endAs(table, 3, { times: 5 });
    for (request.nowMs = 1; request.nowMs < 5_000; request.nowMs += 20) {
      expect(next(balancer, request)).not.toBe(3);
    }
  });

  it('gives everybody a share in panic', () => {
    const { table, request } = fleetOf({ agents: 20, window: 64 });
    for (let slot = 0; slot < 6; slot++) endAs(table, slot, { times: 5 });
    expect(table.ejectedCount).toBe(6);
    request.candidates = Candidates.of(table, [0, 1, 2, 3, 4, 5, 6, 7].map(idOf));
    const balancer = balancerOf(name, { scanMax });
    const counts = new Array<number>(8).fill(0);
    const flying: Ticket[] = [];
    for (let pick = 0; pick < 8_000; pick++) {
      const slot = next(balancer, request);
      counts[slot]!++;
      flying.push(table.begin(slot, request.nowMs));
      // Withdrawn: says nothing, so that they stay ejected.
      if (flying.length > 100) table.end(flying.shift()!, 'withdrawn', 0, request.nowMs);
    }
    expect(table.ejectedCount).toBe(6);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(5);
  });

  it('has no answer without candidates', () => {
    const { table, request } = fleetOf({ agents: 1 });
    request.candidates = Candidates.of(table, []);
    expect(next(balancerOf(name, { scanMax }), request)).toBe(noAgent);
  });
});
