import { describe, expect, it } from '@jest/globals';
import { algorithmNames as namesOnTheWire } from '@nexus/contracts';
import {
  type AlgorithmName,
  type Predictor,
  algorithmNames,
  balancerOf,
  Candidates,
  hashOf,
  noAgent,
  type PickRequest,
  unset,
} from './index.js';
import { endAs, fleetOf } from './testdata/small-fleet.js';

type Fleet = ReturnType<typeof fleetOf>;

describe('the names of the algorithms', () => {
  it('are those of the wire', () => expect(algorithmNames).toEqual(namesOnTheWire));
});

/** Without the part that goes round robin, so that what is seen is the algorithm. */
const pure = (name: AlgorithmName) => balancerOf(name, { roundRobinShare: 0 });

/** How often each agent is picked, when nothing changes in between. */
function counts(name: AlgorithmName, { request, candidates }: Fleet, picks = 10_000): number[] {
  const balancer = pure(name);
  const picked = new Array<number>(candidates.size).fill(0);
  for (let pick = 0; pick < picks; pick++) {
    request.number = pick;
    picked[balancer.pick(request)]!++;
  }
  return picked;
}

/** How much each has in flight, when so much was given out and nothing has ended. */
function loads(name: AlgorithmName, { request, candidates, table }: Fleet, picks: number): number[] {
  const balancer = pure(name);
  for (let pick = 0; pick < picks; pick++) table.begin(balancer.pick(request), request.nowMs);
  return [...candidates.slots].map((slot) => table.inFlight(slot));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('round_robin', () => {
  it('gives number k to candidate k mod n', () => {
    const { request } = fleetOf({ agents: 3 });
    const picked = [4, 5, 6, 2 ** 53 - 1].map((number) => {
      request.number = number;
      return pure('round_robin').pick(request);
    });
    expect(picked).toEqual([1, 2, 0, Number((2n ** 53n - 1n) % 3n)]);
  });

  it('spreads the turns of one who is shut over all others', () => {
    const fleet = fleetOf({ agents: 5 });
    endAs(fleet.table, 2, { times: 5 });
    const picked = counts('round_robin', fleet);
    expect(picked[2]).toBe(0);
    for (const agent of [0, 1, 3, 4]) expect(Math.abs(picked[agent]! - 2_500)).toBeLessThan(150);
  });

  it('goes by weight', () => {
    const picked = counts('round_robin', fleetOf({ agents: 4, weights: [1, 1, 2, 4] }), 16_000);
    for (const [agent, part] of [2_000, 2_000, 4_000, 8_000].entries()) {
      expect(Math.abs(picked[agent]! - part)).toBeLessThan(0.15 * part);
    }
  });

  it('gives equal newcomers their turn, whatever the weights of agents that are not meant', () => {
    const fleet = fleetOf({ agents: 2, weights: [9, 9] });
    for (const name of ['new 1', 'new 2']) fleet.table.upsert(name, { weight: 1, window: 9 }, 60_000);
    fleet.request.candidates = Candidates.of(fleet.table, ['new 1', 'new 2']);
    fleet.request.nowMs = 60_001;
    const picked = [0, 1, 2, 3].map((number) => {
      fleet.request.number = number;
      return fleet.table.idOf(pure('round_robin').pick(fleet.request));
    });
    expect(picked).toEqual(['new 1', 'new 2', 'new 1', 'new 2']);
  });

  it('finds the one who has room among thousands', () => {
    const { table, request } = fleetOf({ agents: 3_000, window: 1 });
    for (let slot = 0; slot < 3_000; slot++) if (slot !== 1_234) table.begin(slot, 0);
    request.number = 2_000;
    expect(pure('round_robin').pick(request)).toBe(1_234);
  });
});

describe('least_connections', () => {
  it('keeps what is in flight within one of each other', () => {
    expect([...new Set(loads('least_connections', fleetOf({ agents: 7 }), 73))].sort()).toEqual([10, 11]);
  });

  it('counts what is in flight from elsewhere', () => {
    const fleet = fleetOf({ agents: 3 });
    fleet.table.setElsewhere(0, 6);
    expect(loads('least_connections', fleet, 12)).toEqual([0, 6, 6]);
  });

  it('goes by weight among the idle', () => {
    const picked = counts(
      'least_connections',
      fleetOf({ agents: 10, weights: [1, 1, 1, 1, 1, 1, 1, 1, 1, 3] }),
    );
    expect(picked[9]! / sum(picked)).toBeGreaterThan(0.2);
    expect(Math.min(...picked)).toBeGreaterThan(500);
  });
});

describe('weighted_response_time', () => {
  it('gives work in proportion to speed', () => {
    const fleet = fleetOf({ agents: 3 });
    [10, 20, 40].forEach((latencyMs, slot) =>
      endAs(fleet.table, slot, { outcome: 'done', latencyMs, times: 99 }),
    );
    const picked = counts('weighted_response_time', fleet).map((count) => count / 10_000);
    expect(picked).toEqual([4 / 7, 2 / 7, 1 / 7].map((part) => expect.closeTo(part, 1) as unknown));
  });

  it.each([
    ['has not answered yet', 0],
    ['answered in no time once', 1],
  ])('does not give everything to one who %s', (_, times) => {
    const fleet = fleetOf({ agents: 10 });
    for (let slot = 1; slot < 10; slot++) {
      endAs(fleet.table, slot, { outcome: 'done', latencyMs: 0.4, times: 50 });
    }
    endAs(fleet.table, 0, { outcome: 'done', latencyMs: 0, times });
    expect(counts('weighted_response_time', fleet)[0]! / 10_000).toBeLessThan(0.5);
  });

  it('does not give more to one who fails fast', () => {
    const fleet = fleetOf({ agents: 10 });
    for (let slot = 0; slot < 10; slot++)
      endAs(fleet.table, slot, { outcome: 'done', latencyMs: 10, times: 50 });
    endAs(fleet.table, 0, { outcome: 'failed', latencyMs: 0.1, times: 4 });
    expect(counts('weighted_response_time', fleet)[0]! / 10_000).toBeLessThan(0.06);
  });
});

describe('resource_aware', () => {
  const report = ({ table }: Fleet, slot: number, load: number) =>
    table.report(slot, { cpu: load, memory: load, queueDepth: 0 }, 0);

  it('prefers the one who is less busy', () => {
    const fleet = fleetOf({ agents: 3 });
    [0.9, 0.1, 0.5].forEach((load, slot) => report(fleet, slot, load));
    expect(counts('resource_aware', fleet, 10)).toEqual([0, 10, 0]);
  });

  it('gives one who lies at most half as much again as the others, who say they are half busy', () => {
    const fleet = fleetOf({ agents: 10, window: 64 });
    for (let slot = 1; slot < 10; slot++) report(fleet, slot, 0.6);
    report(fleet, 0, 0);
    const [liar, ...honest] = loads('resource_aware', fleet, 200);
    expect(liar! / (sum(honest) / 9)).toBeLessThanOrEqual(1.5);
    expect(Math.min(...honest)).toBeGreaterThan(0);
  });

  it('counts what is in flight for the window', () => {
    const fleet = fleetOf({ agents: 2, window: 4 });
    fleet.table.upsert('agent-001', { weight: 1, window: 12 }, 0);
    expect(loads('resource_aware', fleet, 8)).toEqual([2, 6]);
  });
});

describe('adaptive', () => {
  const saying = (predictMs: (slot: number) => number, errorLog = 0, usable = true): Predictor => ({
    ...{ usable, errorLog },
    predictMs: (_, slot) => predictMs(slot),
  });
  const fastest = (fast: number) => (slot: number) => (slot === fast ? 50 : 60 + slot);
  const idleIs = (idle: number) => {
    const fleet = fleetOf({ agents: 4 });
    fleet.table.report(idle, { cpu: 0, memory: 0, queueDepth: 0 }, 0);
    return fleet.request;
  };
  const picked = (request: PickRequest, predictor?: Predictor) =>
    balancerOf('adaptive', { roundRobinShare: 0, predictor }).pick(request);

  it('asks the model', () => {
    expect(picked(idleIs(1), saying(fastest(3)))).toBe(3);
  });

  it('is resource-aware without a model', () => {
    expect(picked(idleIs(1))).toBe(1);
    expect(picked(idleIs(1), saying(fastest(3), 0, false))).toBe(1);
  });

  it('leaves to chance what differs by less than the model errs', () => {
    const { request } = fleetOf({ agents: 4 });
    const picksOf = (errorLog: number) => {
      const balancer = balancerOf('adaptive', {
        roundRobinShare: 0,
        predictor: saying(fastest(3), errorLog),
      });
      return new Set(Array.from({ length: 200 }, () => balancer.pick(request)));
    };
    expect([...picksOf(0.1)]).toEqual([3]);
    expect([...picksOf(0.5)].sort()).toEqual([0, 1, 2, 3]);
  });

  it.each([Number.NaN, Infinity, -1])('is resource-aware when the model says %d of anybody', (prediction) => {
    expect(
      picked(
        idleIs(1),
        saying((slot) => (slot === 0 ? prediction : 1)),
      ),
    ).toBe(1);
  });
});

describe('power_of_two', () => {
  it('keeps the longest queue short, where chance alone does not', () => {
    const longest = (name: AlgorithmName) =>
      Math.max(...loads(name, fleetOf({ agents: 500, window: 99 }), 5_000));
    expect(longest('power_of_two')).toBeLessThanOrEqual(13);
  });

  it('counts what the agent says is waiting', () => {
    const fleet = fleetOf({ agents: 2, window: 99 });
    fleet.table.report(0, { cpu: 0, memory: 0, queueDepth: 10 }, 0);
    expect(loads('power_of_two', fleet, 8)).toEqual([0, 8]);
  });
});

describe('peak_ewma', () => {
  it('leaves one alone after its first slow answer', () => {
    const fleet = fleetOf({ agents: 5, window: 99 });
    for (let slot = 0; slot < 5; slot++)
      endAs(fleet.table, slot, { outcome: 'done', latencyMs: 10, times: 50 });
    endAs(fleet.table, 0, { outcome: 'done', latencyMs: 200 });
    expect(loads('peak_ewma', fleet, 40)[0]).toBe(0);
  });

  it.each(['failed', 'refused'] as const)('gives less to one whose work was %s', (outcome) => {
    const fleet = fleetOf({ agents: 5, window: 99 });
    for (let slot = 0; slot < 5; slot++)
      endAs(fleet.table, slot, { outcome: 'done', latencyMs: 10, times: 50 });
    endAs(fleet.table, 0, { outcome, latencyMs: 1, times: 3 });
    fleet.request.nowMs = 1_000;
    const [penalised, ...others] = loads('peak_ewma', fleet, 50);
    expect(penalised).toBeLessThan(Math.min(...others));
  });
});

describe('consistent_hash', () => {
  const agentOf = ({ request }: Fleet, key: string) => {
    request.affinity = hashOf(key);
    return pure('consistent_hash').pick(request);
  };
  const keys = Array.from({ length: 200 }, (_, at) => `key-${at}`);

  it('gives a key to the same agent, on every coordinator', () => {
    const here = fleetOf({ agents: 30, seed: 1 });
    const there = fleetOf({ agents: 30, seed: 2 });
    expect(keys.map((key) => agentOf(here, key))).toEqual(keys.map((key) => agentOf(there, key)));
  });

  it('moves a key on when its agent has more than its part, and back afterwards', () => {
    const fleet = fleetOf({ agents: 5, window: 99 });
    const home = agentOf(fleet, 'key');
    const ticket = fleet.table.begin(home, 0);
    expect(agentOf(fleet, 'key')).not.toBe(home);
    fleet.table.end(ticket, 'done', 1, 1);
    expect(agentOf(fleet, 'key')).toBe(home);
  });

  it('lets nobody have more than 1.25 of the mean, however hot a key is', () => {
    const fleet = fleetOf({ agents: 10, window: 999 });
    for (let pick = 0; pick < 400; pick++) fleet.table.begin(agentOf(fleet, 'hot'), 0);
    const inFlight = [...fleet.candidates.slots].map((slot) => fleet.table.inFlight(slot));
    expect(Math.max(...inFlight)).toBe(50);
  });

  it('knows the mean of a large set by and by', () => {
    const fleet = fleetOf({ agents: 200, window: 999 });
    for (let slot = 0; slot < 200; slot++) for (let unit = 0; unit < 8; unit++) fleet.table.begin(slot, 0);
    for (const key of keys) agentOf(fleet, key);
    const home = agentOf(fleet, 'key');
    fleet.table.begin(home, 0);
    expect(agentOf(fleet, 'key')).toBe(home); // 9 of 8 are within the bound
    fleet.table.begin(home, 0);
    fleet.table.begin(home, 0);
    expect(agentOf(fleet, 'key')).not.toBe(home);
  });

  it('takes the better of two for work without a key', () => {
    const fleet = fleetOf({ agents: 500, window: 99 });
    fleet.request.affinity = unset;
    expect(Math.max(...loads('consistent_hash', fleet, 5_000))).toBeLessThanOrEqual(13);
  });
});

describe('every algorithm', () => {
  it('leaves a part to round robin, which also reaches whom it avoids', () => {
    const { table, request, candidates } = fleetOf({ agents: 10, window: 99 });
    for (let unit = 0; unit < 50; unit++) table.begin(4, 0);
    const balancer = balancerOf('least_connections', { roundRobinShare: 0.1 });
    let avoided = 0;
    for (let pick = 0; pick < 10_000; pick++) {
      request.number = pick * 7;
      if (balancer.pick(request) === 4) avoided++;
    }
    expect(candidates.size).toBe(10);
    expect(avoided / 10_000).toBeCloseTo(0.01, 2);
    expect(avoided).toBeGreaterThan(50);
  });

  it.each(['least_connections', 'peak_ewma', 'power_of_two'] as const)(
    '%s prefers the own node until it is clearly busier',
    (name) => {
      const nodes = Array.from({ length: 200 }, (_, at) => (at % 20 === 0 ? 'here' : 'there'));
      const fleet = fleetOf({ agents: 200, window: 99, nodes });
      const inFlightHere = () =>
        sum(
          [...fleet.candidates.slots]
            .filter((slot) => slot % 20 === 0)
            .map((slot) => fleet.table.inFlight(slot)),
        );
      fleet.request.preferredNode = 'here';
      loads(name, fleet, 20);
      expect(inFlightHere()).toBeGreaterThanOrEqual(10);
      loads(name, fleet, 1_980);
      // A twentieth of the agents: more than their part, and far from all.
      expect(inFlightHere()).toBeGreaterThan(110);
      expect(inFlightHere()).toBeLessThan(500);
      fleet.request.preferredNode = 'nowhere';
      expect(pure(name).pick(fleet.request)).not.toBe(noAgent);
    },
  );

  it('gives one that starts slowly less than the others', () => {
    const fleet = fleetOf({ agents: 9, window: 99 });
    const newcomer = fleet.table.upsert('new', { weight: 1, window: 99 }, 60_000);
    fleet.candidates.add('new');
    fleet.request.nowMs = 61_000;
    loads('least_connections', fleet, 90);
    expect(fleet.table.inFlight(newcomer)).toBeLessThan(4);
  });

  it('excludes three agents at most', () => {
    const { request } = fleetOf({ agents: 5 });
    for (const slot of [0, 1, 2]) request.exclude(slot);
    expect(() => request.exclude(3)).toThrow('at most three');
  });
});
